"""The units of the Inception families against what they are short for."""

import torch
from torch import nn
from torch.nn import functional

from convatlas.networks.conv_units import ConvNormReLU, ConvReLU


def test_conv_relu_has_biases() -> None:
    unit = ConvReLU(3, 4, 3, 2, 1)
    images = torch.randn(2, 3, 9, 9)
    expected = functional.conv2d(images, unit.conv.weight, unit.conv.bias, 2, 1).relu()
    assert torch.allclose(unit(images), expected)


def test_conv_norm_relu_normalises_before_the_activation() -> None:
    unit = ConvNormReLU(3, 4, (1, 3), 1, (0, 1)).train()
    images = torch.randn(8, 3, 6, 6)
    maps = functional.conv2d(images, unit.conv.weight, None, 1, (0, 1))
    mean = maps.mean(dim=(0, 2, 3), keepdim=True)
    variance = maps.var(dim=(0, 2, 3), keepdim=True, unbiased=False)
    expected = ((maps - mean) / (variance + 1e-3).sqrt()).relu()
    assert unit.conv.bias is None
    assert torch.allclose(unit(images), expected, atol=1e-5)
    assert isinstance(unit.norm, nn.BatchNorm2d)
