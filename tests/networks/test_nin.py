"""Network in network: the tutorials' trace and the authors' definitions."""

import pytest
import torch
from torch import Tensor, nn

from convatlas.errors import InputSizeError
from convatlas.networks import build, find

GRAY = [  # as tutorial 001 prints them
    *((96, 54, 54), (96, 26, 26), (256, 26, 26), (256, 12, 12)),
    *((384, 12, 12), (384, 5, 5), (384, 5, 5), (10, 5, 5), (10, 1, 1), (10,)),
]
CIFAR = [  # the authors' definition; the framework's pooling rounds up
    *((96, 32, 32), (96, 16, 16), (96, 16, 16), (192, 16, 16), (192, 8, 8)),
    *((192, 8, 8), (10, 8, 8), (10, 1, 1), (10,)),
]
IMAGENET = [
    *((96, 54, 54), (96, 27, 27), (256, 27, 27), (256, 13, 13), (384, 13, 13)),
    *((384, 6, 6), (384, 6, 6), (1000, 6, 6), (1000, 1, 1), (1000,)),
]


@pytest.mark.parametrize(
    ("name", "outputs", "parameters"),
    [
        ("nin-gray", GRAY, 1_992_166),
        ("nin-cifar10", CIFAR, 966_986),
        ("nin-imagenet", IMAGENET, 7_595_176),
    ],
)
def test_shapes_and_parameters(
    name: str, outputs: list[tuple[int, ...]], parameters: int
) -> None:
    with torch.device("meta"):
        network = build(name).eval()
        images: Tensor = torch.empty(1, *find(name).input)
        found = []
        for layer in (*network.features, *network.head):
            images = layer(images)
            found.append(tuple(images.shape[1:]))
    assert found == outputs
    assert sum(p.numel() for p in network.parameters()) == parameters


def test_the_authors_start() -> None:
    network = build("nin-imagenet", classes=50)
    for path, std in (
        ("features.block1.conv", 0.01),
        ("features.block2.conv", 0.05),
        ("features.block3.conv", 0.01),
        ("features.block3.mlp1", 0.05),
        ("head.block.conv", 0.05),
        ("head.block.mlp2", 0.01),
    ):
        weight = network.get_submodule(path).weight
        assert abs(weight.std() / std - 1) < 0.05
    for module in build("nin-cifar10").modules():
        if isinstance(module, nn.Conv2d):
            assert abs(module.weight.std() / 0.05 - 1) < 0.1
            assert module.bias is not None and not module.bias.any()


def test_too_small() -> None:
    with pytest.raises(InputSizeError, match="at features.pool3, .* least 67×67$"):
        build("nin-gray", input_size=(62, 224))
