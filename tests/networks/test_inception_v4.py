"""Inception-v4 against timm and the sizes of its figures."""

from collections.abc import Callable

import pytest
import timm
import torch
from torch import nn

from convatlas.anatomy import trace
from convatlas.errors import InputSizeError
from convatlas.networks import build


def test_same_logits_as_timm(
    difference: Callable[..., float], in_order: Callable[[nn.Module], object]
) -> None:
    with torch.device("meta"):
        oracle = timm.create_model("inception_v4")
    images = torch.randn(2, 3, 107, 107)
    assert difference("inception-v4", oracle, in_order(oracle), images) < 1e-5


def test_parameters_and_sizes_of_figures_3_and_9() -> None:
    with torch.device("meta"):
        table = trace(build("inception-v4"), (3, 299, 299))
    assert table.parameters == 42_679_816
    for name, output in {
        "features.conv1": (32, 149, 149),
        "features.conv2": (32, 147, 147),
        "features.conv3": (64, 147, 147),
        "features.mixed3": (160, 73, 73),
        "features.mixed4": (192, 71, 71),
        "features.mixed5": (384, 35, 35),
        "features.inception_a": (384, 35, 35),
        "features.reduction_a": (1024, 17, 17),
        "features.inception_b": (1024, 17, 17),
        "features.reduction_b": (1536, 8, 8),
        "features.inception_c": (1536, 8, 8),
        "head.pool": (1536, 1, 1),
    }.items():
        assert table.row(name).output == output, name


def test_head_keeps_80_percent() -> None:
    with torch.device("meta"):
        assert build("inception-v4").get_submodule("head.dropout").p == 0.2


def test_small_images_are_refused_by_name() -> None:
    with pytest.raises(InputSizeError, match=r"reduction_b.*needs at least 75×75"):
        with torch.device("meta"):
            build("inception-v4", input_size=(64, 128))
