"""Sizes on their way through a network, against what torch really gives."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from convatlas.errors import InputSizeError
from convatlas.networks import sizes


@st.composite
def windows(draw: st.DrawFn) -> nn.Module:
    kernel, stride = draw(st.integers(1, 5)), draw(st.integers(1, 4))
    padding = draw(st.integers(0, kernel // 2))
    kind = draw(st.sampled_from(["conv", "max", "avg"]))
    if kind == "conv":
        dilation = draw(st.integers(1, 3))
        return nn.Conv2d(1, 1, kernel, stride, padding, dilation)
    pool = nn.MaxPool2d if kind == "max" else nn.AvgPool2d
    return pool(kernel, stride, padding, ceil_mode=draw(st.booleans()))


@settings(max_examples=300, deadline=None)
@given(
    layers=st.lists(windows(), min_size=1, max_size=4),
    height=st.integers(1, 40),
    width=st.integers(1, 40),
)
def test_same_as_torch(layers: list[nn.Module], height: int, width: int) -> None:
    network = nn.Sequential(*layers).to("meta")
    images = torch.empty(1, 1, height, width, device="meta")
    try:
        expected = tuple(network(images).shape[2:])
    except RuntimeError:
        with pytest.raises(InputSizeError):
            sizes.map_size(sizes.chain(network), (height, width))
    else:
        assert sizes.map_size(sizes.chain(network), (height, width)) == expected


def test_error_names_layer_map_window_and_least_size() -> None:
    layers = nn.Sequential(nn.Conv2d(3, 4, 3, 2), nn.ReLU(), nn.MaxPool2d((2, 4)))
    with pytest.raises(InputSizeError) as error:
        sizes.map_size(sizes.chain(layers, "stem"), (9, 8))
    assert str(error.value) == (
        "input 9×8: a map of 4×3 arrives at stem.2, whose window of 2×4 does not fit; "
        "the input needs at least 5×9"
    )
    assert sizes.map_size(sizes.chain(layers), (5, 9)) == (1, 1)


def test_allowed_sizes() -> None:
    sizes.require_size((28, 28), [(28, 28)], "conv1")
    with pytest.raises(InputSizeError) as error:
        sizes.require_size((28, 30), [(28, 28), (32, 32)], "conv1")
    assert str(error.value) == (
        "input 28×30 does not fit conv1; it takes 28×28 or 32×32"
    )


def test_chain_lists_what_changes_sizes_in_order() -> None:
    layers = nn.Sequential(
        nn.Sequential(nn.Conv2d(1, 1, 3), nn.ReLU()), nn.Dropout(), nn.AvgPool2d(2)
    )
    assert [name for name, _ in sizes.chain(layers, "trunk")] == [
        "trunk.0.0",
        "trunk.2",
    ]
