"""The rules for initial weights."""

import pytest
import torch
from torch import nn

from convatlas.networks.init import initialise


def network() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(8, 32, 5), nn.BatchNorm2d(32), nn.Conv2d(32, 64, 3, bias=False)
    ).append(nn.Linear(300, 200))


def test_xavier_is_uniform_within_glorots_limit() -> None:
    layers = network()
    initialise(layers, "xavier")
    limit = (6 / (8 * 25 + 32 * 25)) ** 0.5
    assert 0.99 * limit < layers[0].weight.abs().max() <= limit
    assert abs(layers[3].weight.std() - (2 / 500) ** 0.5) < 1e-3


def test_kaiming_keeps_the_second_moment_through_relu() -> None:
    layers = network()
    initialise(layers, "kaiming")
    assert abs(layers[2].weight.std() / (2 / (32 * 9)) ** 0.5 - 1) < 0.02


@pytest.mark.parametrize("how", ["xavier", "kaiming"])
def test_biases_are_zero_and_norms_stay(how: str) -> None:
    layers = network()
    nn.init.constant_(layers[1].weight, 0.3)
    initialise(layers, how)
    assert not layers[0].bias.any() and not layers[3].bias.any()
    assert torch.all(layers[1].weight == 0.3)


def test_pytorch_is_the_default_of_the_layers() -> None:
    layers, plain = network(), network()
    torch.manual_seed(5)
    initialise(layers, "pytorch")
    torch.manual_seed(5)
    for layer in (plain[0], plain[2], plain[3]):
        layer.reset_parameters()
    assert layers[0].weight.equal(plain[0].weight)
    assert layers[3].bias.equal(plain[3].bias)
