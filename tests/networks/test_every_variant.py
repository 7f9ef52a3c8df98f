"""What holds for every network of the atlas, without exception.

All of it runs on the ``meta`` device, where VGG-19 costs milliseconds and no memory.
"""

import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache

import pytest
import torch
from torch import Tensor, nn

from convatlas.anatomy.building import without_numbers
from convatlas.errors import InputSizeError
from convatlas.networks import Network, Variant, build, find, variants

REQUIRED = """
lenet5 lenet5-tanh lenet5-sigmoid lenet5-maxpool mnist-cnn
alexnet alexnet-owt alexnet-gray alexnet-gray-unpadded alexnet-gray-1fc
alexnet-gray-1fc-4conv
vgg11 vgg13 vgg16 vgg19 vgg11-bn vgg13-bn vgg16-bn vgg19-bn vgg11-gray vgg11-gray-small
nin-cifar10 nin-imagenet nin-gray
googlenet googlenet-bn googlenet-tv googlenet-gray googlenet-mini
inception-v3 inception-v4 inception-resnet-v2
resnet18 resnet34 resnet50 resnet101 resnet152 resnet20 resnet32 resnet44 resnet56
resnet110 resnet18-gray resnet18-small resnet-mini
preact-resnet18 preact-resnet50 preact-resnet110
densenet121 densenet161 densenet169 densenet201 densenet-bc-100-12 densenet-gray
street-cnn street-cnn-6 street-resnet18 street-resnet50 goodfellow11
street-finder street-reader
"""


@pytest.fixture(params=[variant.name for variant in variants()])
def variant(request: pytest.FixtureRequest) -> Variant:
    return find(request.param)


def on_meta(name: str) -> Network:
    return without_numbers(lambda: build(name))


@dataclass
class Watched:
    """A network after one step forward in training, and what was seen."""

    network: Network
    calls: dict[str, int] = field(default_factory=dict)
    tensors: list[tuple[str, Tensor, int]] = field(default_factory=list)
    reached: set[Tensor] = field(default_factory=set)


@cache
def watched(name: str) -> Watched:
    network = on_meta(name).train()
    seen = Watched(network)
    for path, module in network.named_modules():
        if list(module.children()):
            continue
        seen.calls[path] = 0

        def look(
            module: nn.Module, given: tuple[Tensor, ...], got: Tensor, path: str = path
        ) -> None:
            seen.calls[path] += 1
            both = (*given, got)
            seen.tensors.extend((path, tensor, tensor._version) for tensor in both)

        module.register_forward_hook(look)
    images = torch.empty(2, *find(name).input, device="meta")
    if hasattr(network, "logits_with_auxiliaries"):
        logits = network.logits_with_auxiliaries(images)
    else:
        logits = (network(images),)
    seen.reached = parameters_behind(logits)
    return seen


def parameters_behind(tensors: Sequence[Tensor]) -> set[Tensor]:
    """Those to which gradients of these tensors flow: torch's own graph, followed."""
    found: set[Tensor] = set()
    open = {tensor.grad_fn for tensor in tensors}
    known = set(open)
    while open:
        node = open.pop()
        if hasattr(node, "variable"):
            found.add(node.variable)
        following = {one for one, _ in node.next_functions if one is not None} - known
        known |= following
        open |= following
    return found


@pytest.mark.parametrize("name", REQUIRED.split())
def test_is_registered(name: str) -> None:
    assert find(name).name == name


def test_describes_itself(variant: Variant) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", variant.name)
    assert variant.title and variant.reference and variant.sizes
    assert 1998 <= variant.year <= 2026
    module = sys.modules[variant.build.__module__]
    assert module.__name__.startswith("convatlas.networks.")
    assert "Departures from the" in (module.__doc__ or "")


def test_has_features_and_head_and_nothing_else(variant: Variant) -> None:
    network = watched(variant.name).network
    assert isinstance(network, Network)
    assert type(network).forward is Network.forward
    parts = {name for name, _ in network.named_children()}
    assert {"features", "head"} <= parts <= {"features", "head", "auxiliaries"}


def smallest(variant: Variant) -> tuple[int, int]:
    """The smallest input, as the words of the variant have it."""
    least = re.search(r"at least (\d+)×(\d+)", variant.sizes)
    if least:
        return int(least[1]), int(least[2])
    assert re.match(r"any|.* only|.* or ", variant.sizes), variant.sizes
    return (1, 1) if variant.sizes.startswith("any") else variant.input[1:]


def test_takes_other_classes_channels_and_its_smallest_size(variant: Variant) -> None:
    size, channels = smallest(variant), 4 - variant.input[0]  # 1 for 3, 3 for 1
    network = without_numbers(
        lambda: build(variant.name, classes=7, in_channels=channels, input_size=size)
    )
    with torch.device("meta"), torch.no_grad():
        logits = network.eval()(torch.empty(1, channels, *size))  # a batch of one
    assert logits.shape[0] == 1
    if variant.answers == "box":
        assert logits.shape[1] == 16  # maps, whatever the classes
    else:
        assert logits.shape[-1] == (7 + 5 * 7 if variant.name == "goodfellow11" else 7)


@pytest.mark.parametrize(
    "name", [v.name for v in variants() if not v.sizes.startswith("any")]
)
def test_smaller_sizes_are_refused(name: str) -> None:
    variant = find(name)
    height, width = smallest(variant)
    for size in ((height - 1, width), (height, width - 1)):
        with pytest.raises(InputSizeError) as error, torch.device("meta"):
            build(variant.name, input_size=size)
        assert f"input {size[0]}×{size[1]}" in str(error.value)
        assert f"{height}×{width}" in str(error.value)


def test_every_parameter_receives_a_gradient(variant: Variant) -> None:
    seen = watched(variant.name)
    named = seen.network.named_parameters()
    assert [name for name, p in named if p not in seen.reached] == []


def test_every_module_is_called_once(variant: Variant) -> None:
    calls = watched(variant.name).calls
    assert {path: count for path, count in calls.items() if count != 1} == {}


def test_no_instance_stands_in_two_places(variant: Variant) -> None:
    network = watched(variant.name).network
    paths = [path for path, _ in network.named_modules(remove_duplicate=False)]
    assert len(paths) == len(list(network.modules()))
    state = network.state_dict(keep_vars=True)
    assert len({id(tensor) for tensor in state.values()}) == len(state)


def test_nothing_works_in_place(variant: Variant) -> None:
    seen = watched(variant.name)
    assert [p for p, t, version in seen.tensors if t._version != version] == []
    modules = seen.network.named_modules()
    assert [path for path, m in modules if getattr(m, "inplace", False)] == []
