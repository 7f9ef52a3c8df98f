"""Diagrams: well-formed, everything drawn once, nothing on top of anything else."""

import xml.etree.ElementTree as ET
from collections.abc import Callable

import pytest
import torchvision
from torch import Tensor, nn

from convatlas.anatomy import trace
from convatlas.anatomy.building import without_numbers
from convatlas.anatomy.diagram import draw
from convatlas.anatomy.diagram.layout import Box, laid_out
from convatlas.anatomy.diagram.scene import Scene, scenes


class Inception(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(8, 4, 1)
        self.b = nn.Sequential(nn.Conv2d(8, 4, 1), nn.ReLU(), nn.Conv2d(4, 6, 3, 1, 1))
        self.c = nn.Sequential(nn.Conv2d(8, 4, 1), nn.ReLU(), nn.Conv2d(4, 6, 5, 1, 2))
        self.d = nn.Sequential(nn.MaxPool2d(3, 1, 1), nn.Conv2d(8, 4, 1))
        self.concat = Concat()

    def forward(self, x: Tensor) -> Tensor:
        return self.concat(self.a(x), self.b(x), self.c(x), self.d(x))


class Concat(nn.Module):
    def forward(self, *parts: Tensor) -> Tensor:
        import torch

        return torch.cat(parts, 1)


def lenet() -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, 6, 5),
        nn.Tanh(),
        nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5),
        nn.Tanh(),
        nn.Flatten(),
        nn.Linear(1024, 10),
    )


MODELS: dict[str, tuple[Callable[[], nn.Module], tuple[int, int, int]]] = {
    "lenet": (lenet, (1, 28, 28)),
    "inception": (Inception, (8, 14, 14)),
    "vgg16": (torchvision.models.vgg16, (3, 224, 224)),
    "resnet18": (torchvision.models.resnet18, (3, 224, 224)),
    "densenet121": (torchvision.models.densenet121, (3, 224, 224)),
    "mobilenet": (torchvision.models.mobilenet_v3_small, (3, 224, 224)),
}


def found(name: str) -> list[Scene]:
    make, input = MODELS[name]
    return scenes(trace(without_numbers(make), input), name)


@pytest.mark.parametrize("name", MODELS)
def test_every_diagram_is_an_svg_of_its_own(name: str) -> None:
    make, input = MODELS[name]
    svg = draw(trace(without_numbers(make), input), f"{name} <&>")
    root = ET.fromstring(svg)
    assert root.tag.endswith("svg") and root.get("aria-label") == f"{name} <&>"
    assert "prefers-color-scheme: dark" in svg
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")
    assert "nan" not in svg and "inf" not in svg


def across(box: Box) -> tuple[float, float]:
    middle = box.x + (box.width + box.slant) / 2
    return middle - box.span / 2, middle + box.span / 2


@pytest.mark.parametrize("name", MODELS)
def test_nothing_lies_on_anything_else(name: str) -> None:
    for scene in found(name):
        for line in laid_out(scene, 224):
            boxes = [box for box in line.boxes if box.node]
            for i, one in enumerate(boxes):
                assert -1 <= across(one)[0] and across(one)[1] <= line.width + 1
                for other in boxes[i + 1 :]:
                    (a, b), (c, d) = across(one), across(other)
                    beside = b <= c or d <= a
                    low, high = sorted((one, other), key=lambda x: x.y)
                    bottom = low.y + low.height / 2 + 11 * len(low.label)
                    assert beside or bottom <= high.top, (one, other)


def test_branches_of_an_inception_block_lie_in_lanes() -> None:
    (scene,) = found("inception")
    titles = [f"{n.title} {n.detail}".strip() for n in scene.nodes]
    assert titles == [
        *("input", "conv 1×1", "conv 1×1", "conv 3×3", "conv 1×1", "conv 5×5"),
        *("max 3/1 p1", "conv 1×1", "concat"),
    ]
    (line,) = laid_out(scene, 14)
    assert len({box.lane for box in line.boxes}) == 4
    assert not line.arcs


def test_small_operations_belong_to_the_layer_before() -> None:
    (scene,) = found("lenet")
    assert [(n.kind, n.tags) for n in scene.nodes] == [
        ("input", []),
        ("conv", ["tanh"]),
        ("pool", []),
        ("conv", ["tanh"]),
        ("fc", []),
    ]
    assert scene.edges == [(0, 1), (1, 2), (2, 3), (3, 4)]


def test_sums_with_a_constant_are_no_joins() -> None:
    class Scaled(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return (x * 2 + 1).relu()

    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Sequential(Scaled()))
    (scene,) = scenes(trace(network, (1, 8, 8)), "scaled")
    assert [n.title for n in scene.nodes] == ["input", "conv"]


def test_skips_of_a_residual_network_are_arcs() -> None:
    (scene,) = found("resnet18")
    assert [n.title for n in scene.nodes].count("add") == 8
    lines = laid_out(scene, 224)
    assert sum(len(line.arcs) for line in lines) == 5  # three have a convolution
    assert sum(n.kind == "conv" for n in scene.nodes) == 20


def test_deep_networks_fold_and_show_what_is_inside() -> None:
    overview, block, layer = found("densenet121")
    assert [n.detail for n in overview.nodes if n.kind == "block"] == [
        f"denseblock{i}" for i in (1, 2, 3, 4)
    ]
    assert block.title == "inside features.denseblock1 (_DenseBlock)"
    assert sum(n.title == "_DenseLayer" for n in block.nodes) == 6
    assert len(block.edges) == 7 * 6 // 2 + 7  # each layer sees all before it
    assert [n.kind for n in layer.nodes] == ["input", "conv", "conv"]


def test_equal_blocks_in_a_row_are_drawn_once() -> None:
    class Block(nn.Sequential):
        def __init__(self) -> None:
            super().__init__(*(nn.Conv2d(4, 4, 3, padding=1) for _ in range(6)))

    network = nn.Sequential(nn.Conv2d(3, 4, 3), *(Block() for _ in range(9)))
    overview, inside = scenes(trace(network, (3, 20, 20)), "deep")
    assert [(n.title, n.times) for n in overview.nodes] == [
        ("input", 1),
        ("conv", 1),
        ("Block", 9),
    ]
    assert len(inside.nodes) == 7
    assert "Block ×9" in draw(trace(network, (3, 20, 20)), "deep")
