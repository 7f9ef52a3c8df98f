"""The regions of units: those of the anatomy, and those that gradients find."""

import random

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convatlas.anatomy import Table, trace
from convatlas.anatomy.building import without_numbers
from convatlas.looking.dependencies import places
from convatlas.looking.listening import Listener, Order
from convatlas.looking.regions import Regions
from convatlas.networks import build, find

Box = tuple[int, int, int, int]


class Keeping(Listener):
    """Keeps the outputs of rows with their gradients."""

    def __init__(self, table: Table) -> None:
        super().__init__(Order.of(table))
        self.outputs: dict[int, Tensor] = {}

    def end(self, row: int, target: object, args: object, result: object) -> object:
        if isinstance(result, Tensor):
            result = result * 1.0  # so that every row has a tensor of its own
            self.outputs[row] = result
        return result


def smooth(network: nn.Module) -> nn.Module:
    """The same course of numbers without maxima, zeros and signs that cancel out."""
    for parent in list(network.modules()):
        for name, module in list(parent.named_children()):
            if isinstance(module, nn.MaxPool2d):
                kept = module.kernel_size, module.stride, module.padding
                setattr(parent, name, nn.AvgPool2d(*kept, module.ceil_mode))
            elif isinstance(module, nn.ReLU):
                setattr(parent, name, nn.Softplus())
            elif isinstance(module, nn.BatchNorm2d | nn.LocalResponseNorm):
                setattr(parent, name, nn.Softplus())
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.uniform_(0.001, 0.01)
    return network.double().eval()


def found_by_gradients(
    network: nn.Module, table: Table, row: int, unit: tuple[int, ...]
) -> tuple[Box, dict[int, Box]]:
    images = torch.rand(1, *table.input, dtype=torch.float64, requires_grad=True)
    kept = Keeping(table)
    with kept.listening(network):
        network(images)
    output = kept.outputs[row]
    dims = places(tuple(output.shape))
    index = [slice(None)] * output.ndim
    for dim, at in zip(dims, unit, strict=True):
        index[dim] = slice(at, at + 1)
    rows = [i for i in kept.outputs if i <= row and i >= 0]
    asked = [images, *(kept.outputs[i] for i in rows)]
    gradients = torch.autograd.grad(
        output[tuple(index)].sum(), asked, allow_unused=True
    )
    boxes = [None if g is None else hull(g) for g in gradients]
    assert boxes[0] is not None
    return boxes[0], {i: b for i, b in zip(rows, boxes[1:], strict=True) if b}


def hull(gradient: Tensor) -> Box | None:
    kept = places(tuple(gradient.shape))
    others = [d for d in range(gradient.ndim) if d not in kept]
    touched = (gradient != 0).any(dim=others[0]) if len(others) == 1 else None
    if touched is None:
        touched = (gradient != 0).flatten(0, len(others) - 1).any(0)
    if touched.ndim == 1:
        touched = touched[None]
    ys, xs = touched.nonzero(as_tuple=True)
    if not len(ys):
        return None
    return int(ys.min()), int(xs.min()), int(ys.max()), int(xs.max())


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("lenet5-tanh", None),
        ("googlenet-mini", None),
        ("resnet-mini", None),
        ("densenet-gray", (64, 64)),
        pytest.param("preact-resnet18", (33, 48), marks=pytest.mark.slow),
        ("street-finder", (64, 96)),
        pytest.param("street-reader", (24, 48), marks=pytest.mark.slow),
        pytest.param("resnet18:columns", (32, 288), marks=pytest.mark.slow),
    ],
)
def test_boxes_are_those_that_gradients_find(
    name: str, size: tuple[int, int] | None
) -> None:
    torch.manual_seed(0)
    channels, *published = find(name).input
    network = build(name, input_size=size)
    input = (channels, *(size or published))
    network = smooth(network)
    table = trace(network, input)
    regions = Regions(network, table)
    rows = [i for i, r in enumerate(table.rows) if r.leaf and r.called]
    chooser = random.Random(0)
    for row in chooser.sample(rows, min(len(rows), 8)):
        shape = (1, *table.rows[row].output)
        unit = tuple(chooser.randrange(shape[dim]) for dim in places(shape))
        region = regions.of(row, unit)
        seen, maps = found_by_gradients(network, table, row, unit)
        where = f"{table.rows[row].name} {unit}"
        assert region.input == seen, where
        assert region.maps == maps, where


@pytest.mark.parametrize("name", ["lenet5", "goodfellow11", "googlenet", "vgg16"])
def test_boxes_of_the_input_are_those_of_the_layer_table(name: str) -> None:
    input = find(name).input
    network = without_numbers(lambda: build(name))
    table = trace(network, input)
    regions = Regions(network, table)
    chooser = random.Random(1)
    _, height, width = input
    for row, known in enumerate(table.rows):
        if not (known.leaf and known.called and len(known.output) == 3):
            continue
        if "Pad" in known.operation:  # the table counts a repeated border as outside
            continue
        unit = tuple(chooser.randrange(size) for size in known.output[1:])
        patch = known.patch((unit[0], unit[1])) or (0, 0, height - 1, width - 1)
        top, left, bottom, right = patch
        cut = max(top, 0), max(left, 0), min(bottom, height - 1), min(right, width - 1)
        assert regions.of(row, unit).input == cut, known.name


@pytest.mark.parametrize("padding", ["zeros", "replicate", "reflect"])
@pytest.mark.parametrize("unit", [(0, 0), (0, 10), (10, 5)])
def test_padding_reads_what_it_repeats(padding: str, unit: tuple[int, int]) -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(1, 1, 7, padding=4, padding_mode=padding))
    table = trace(network, (1, 9, 9))
    images = torch.rand(1, 1, 9, 9, requires_grad=True)
    network(images)[0, 0][unit].backward()
    assert images.grad is not None
    region = Regions(network, table).of(len(table.rows) - 1, unit)
    assert region.input == hull(images.grad)


def test_repeated_calls_and_work_in_place_are_followed() -> None:
    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.conv = nn.Conv2d(2, 2, 3, padding=1)
            self.relu = nn.ReLU(inplace=True)

        def forward(self, images: Tensor) -> Tensor:
            first = self.relu(self.conv(images))
            second = self.relu(self.conv(first))
            return torch.cat([F.avg_pool2d(second, 2), first[:, :, ::2, ::2]], 1)

    table = trace(Odd(), (2, 16, 16))
    regions = Regions(Odd(), table)
    last = table.ends[0]
    region = regions.of(last, (4, 4))
    boxes = {
        (table.rows[i].name, table.rows[i].call): box for i, box in region.maps.items()
    }
    assert region.input == (6, 6, 11, 11)
    assert boxes["conv", 2] == boxes["relu", 2] == (8, 8, 9, 9)
    assert boxes["conv", 1] == boxes["relu", 1] == (7, 7, 10, 10)
