"""Inception-ResNet-v2 against timm, and its residual blocks against their formula."""

from collections.abc import Callable

import pytest
import timm
import torch
from torch import nn

from convatlas.anatomy import trace
from convatlas.errors import InputSizeError
from convatlas.networks import build
from convatlas.networks.inception_resnet import residual_a, residual_c


def test_same_logits_as_timm(
    difference: Callable[..., float], in_order: Callable[[nn.Module], object]
) -> None:
    with torch.device("meta"):
        oracle = timm.create_model("inception_resnet_v2")
    images = torch.randn(2, 3, 107, 107)
    assert difference("inception-resnet-v2", oracle, in_order(oracle), images) < 1e-5


def test_parameters_and_sizes() -> None:
    with torch.device("meta"):
        table = trace(build("inception-resnet-v2"), (3, 299, 299))
    assert table.parameters == 55_843_464
    for name, output in {
        "features.conv4a": (192, 71, 71),
        "features.mixed5b": (320, 35, 35),
        "features.residual_a": (320, 35, 35),
        "features.reduction_a": (1088, 17, 17),
        "features.residual_b": (1088, 17, 17),
        "features.reduction_b": (2080, 8, 8),
        "features.residual_c": (2080, 8, 8),
        "features.conv7b": (1536, 8, 8),
        "head.pool": (1536, 1, 1),
    }.items():
        assert table.row(name).output == output, name


def test_residual_is_scaled_and_added() -> None:
    block = residual_a().eval()
    images = torch.randn(1, 320, 5, 5)
    inner = block.expand(block.branches(images))
    assert torch.allclose(block(images), torch.relu(images + 0.17 * inner))


def test_last_residual_is_neither_scaled_nor_activated() -> None:
    block = residual_c(1.0, active=False).eval()
    images = torch.randn(1, 2080, 3, 3)
    inner = block.expand(block.branches(images))
    assert torch.allclose(block(images), images + inner)


def test_small_images_are_refused_by_name() -> None:
    with pytest.raises(InputSizeError, match=r"reduction_b.*needs at least 75×75"):
        with torch.device("meta"):
            build("inception-resnet-v2", input_size=(64, 128))
