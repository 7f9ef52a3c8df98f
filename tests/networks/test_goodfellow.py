"""Goodfellow et al. 2013, section 5.1."""

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from convatlas.networks import build
from convatlas.networks.goodfellow import (
    Goodfellow,
    LocallyConnected2d,
    Maxout,
    SubtractiveNorm,
)


def test_layers_as_the_paper_counts_them() -> None:
    with torch.device("meta"):
        network = build("goodfellow11")
        images = torch.empty(1, 3, 54, 54)
        widths, heights = [], []
        for layer in network.features:
            images = layer(images)
            widths.append(images.shape[1])
            heights.append(images.shape[2])
    assert widths == [48, 64, 128, 160, 192, 192, 192, 192, 192]
    assert heights == [27, 27, 14, 14, 7, 7, 4, 4, 4]  # half of the layers reduce it
    convolutions = [m for m in network.modules() if isinstance(m, nn.Conv2d)]
    assert len(convolutions) == 8
    assert {layer.kernel_size for layer in convolutions} == {(5, 5)}
    assert convolutions[0].out_channels == 3 * 48  # three filters a maxout unit
    assert (network.head.fc10.out_features, network.head.fc11.out_features) == (
        3072,
        3072,
    )


def test_logits_part_into_length_and_digits() -> None:
    logits = torch.arange(57.0).expand(2, 57)
    length, digits = Goodfellow.length_and_digits(logits)
    assert length[0].tolist() == list(range(7))
    assert digits.shape == (2, 5, 10)
    assert digits[1, 4].tolist() == list(range(47, 57))


def test_maxout_takes_the_largest_of_three() -> None:
    images = torch.tensor([1.0, 5, 2, -3, -1, -2]).reshape(1, 6, 1, 1)
    assert Maxout(3)(images).flatten().tolist() == [5, -1]


def test_subtractive_norm_leaves_nothing_of_a_constant() -> None:
    assert SubtractiveNorm()(torch.full((1, 2, 4, 5), 7.0)).abs().max() < 1e-5
    spot = torch.zeros(1, 1, 5, 5)
    spot[0, 0, 2, 2] = 9
    assert SubtractiveNorm()(spot)[0, 0, 2].tolist() == [0, -1, 8, -1, 0]


def test_equal_filters_make_it_a_convolution() -> None:
    local = LocallyConnected2d(2, 3, (4, 6), 5)
    weight = torch.randn(3, 2, 5, 5)
    with torch.no_grad():
        local.weight.copy_(weight.flatten(1).t().expand(24, 50, 3))
    images = torch.randn(2, 2, 4, 6)
    expected = F.conv2d(images, weight, padding=2)
    torch.testing.assert_close(local(images), expected, atol=1e-4, rtol=1e-4)


def test_every_position_has_its_own_filters() -> None:
    local = LocallyConnected2d(1, 1, (2, 3), 3)
    with torch.no_grad():
        local.weight.zero_()
        local.weight[4, 4, 0] = 2  # the centre of the window at row 1, column 1
    got = local(torch.ones(1, 1, 2, 3))
    assert got.flatten().tolist() == [0, 0, 0, 0, 2, 0]


@pytest.mark.parametrize("size", [(54, 54), (40, 96)])
def test_other_sizes(size: tuple[int, int]) -> None:
    with torch.device("meta"):
        network = build("goodfellow11", input_size=size).eval()
        assert network(torch.empty(2, 3, *size)).shape == (2, 57)
