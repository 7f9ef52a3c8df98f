"""The tutorials' LeNets: printed shapes and parameter counts."""

import pytest
import torch
from torch import Tensor, nn

from convatlas.errors import InputSizeError
from convatlas.networks import build

# printed by the tutorial, layer after layer
TANH = """6×28×28 6×28×28 6×14×14 16×10×10 16×10×10 16×5×5 120×1×1 120×1×1
120 84 84 10"""
DENSE = """6×28×28 6×28×28 6×14×14 16×10×10 16×10×10 16×5×5
400 120 120 84 84 10"""


def shapes(network: nn.Module, images: Tensor) -> list[str]:
    found = []
    for part in (network.features, network.head):
        for layer in part:
            images = layer(images)
            found.append("×".join(str(size) for size in images.shape[1:]))
    return found


@pytest.mark.parametrize(
    ("name", "printed"),
    [("lenet5-tanh", TANH), ("lenet5-sigmoid", DENSE), ("lenet5-maxpool", DENSE)],
)
def test_shapes_and_parameters_as_printed(name: str, printed: str) -> None:
    network = build(name)
    assert shapes(network, torch.zeros(1, 1, 28, 28)) == printed.split()
    assert sum(p.numel() for p in network.parameters()) == 61_706


def test_maxpool_takes_the_size_of_the_figure_too() -> None:
    network = build("lenet5-maxpool", input_size=(32, 32))
    assert shapes(network, torch.zeros(1, 1, 32, 32)) == DENSE.split()
    with pytest.raises(InputSizeError) as error:
        build("lenet5-maxpool", input_size=(30, 28))
    assert str(error.value) == (
        "input 30×28 does not fit features.conv1; it takes 28×28 or 32×32"
    )


def test_sigmoid_starts_with_xavier() -> None:
    torch.manual_seed(0)
    network = build("lenet5-sigmoid")
    weight = network.head.fc1.weight
    limit = (6 / (400 + 120)) ** 0.5
    assert 0.99 * limit < weight.abs().max() <= limit
    assert network.head.fc1.bias.abs().max() == 0


def test_too_small_names_the_layer_and_the_least_size() -> None:
    with pytest.raises(InputSizeError) as error:
        build("lenet5-tanh", input_size=(28, 20))
    assert str(error.value) == (
        "input 28×20: a map of 5×3 arrives at features.conv3, whose window of 5×5 "
        "does not fit; the input needs at least 28×28"
    )


def test_other_sizes_classes_and_channels() -> None:
    network = build("lenet5-tanh", input_size=(32, 40), classes=7, in_channels=3)
    assert network(torch.zeros(2, 3, 32, 40)).shape == (2, 7)
