"""Sizes, counts and fields in whole numbers, against torch over random shapes."""

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import nn

from convatlas.anatomy import trace
from convatlas.anatomy.arithmetic import (
    View,
    Window,
    conv_macs,
    conv_parameters,
    dense_equivalent,
    dense_parameters,
    effective_stride,
    output_size,
    same_padding,
    transposed_output_size,
    view_after,
)
from convatlas.errors import InputSizeError

small = st.integers(1, 5)
windows = st.builds(
    Window, st.integers(1, 5), st.integers(1, 3), st.integers(0, 2), st.integers(1, 3)
)
thorough = settings(max_examples=60, deadline=None, derandomize=True)


@thorough
@given(st.integers(1, 40), windows)
def test_output_size_is_torchs(size: int, layer: Window) -> None:
    numbers = (layer.kernel, layer.stride, layer.padding, layer.dilation)
    images = torch.zeros(1, 1, size, size)
    try:
        expected = nn.Conv2d(1, 1, *numbers)(images).shape[-1]
    except RuntimeError:
        with pytest.raises(InputSizeError, match="does not fit into"):
            output_size(size, *numbers)
        return
    assert output_size(size, *numbers) == expected


@thorough
@given(small, small, small, st.integers(0, 2), st.integers(1, 3))
def test_transposed_output_size_is_torchs(
    size: int, kernel: int, stride: int, padding: int, dilation: int
) -> None:
    numbers = (size, kernel, stride, padding, dilation)
    assume(transposed_output_size(*numbers) > 0)
    layer = nn.ConvTranspose2d(1, 1, kernel, stride, padding, dilation=dilation)
    expected = layer(torch.zeros(1, 1, size, size)).shape[-1]
    assert transposed_output_size(*numbers) == expected


@thorough
@given(small, small, st.tuples(small, small), st.integers(1, 3), st.booleans())
def test_parameters_and_macs_are_torchs(
    inputs: int, outputs: int, kernel: tuple[int, int], groups: int, bias: bool
) -> None:
    channels = (inputs * groups, outputs * groups)
    layer = nn.Conv2d(*channels, kernel, groups=groups, bias=bias)
    parameters = sum(p.numel() for p in layer.parameters())
    assert conv_parameters(*channels, kernel, groups, bias) == parameters
    table = trace(layer, (channels[0], 9, 9))
    output = table.rows[0].output[1:]
    assert conv_macs(*channels, kernel, output, groups) == table.macs


def test_a_dense_layer_in_the_place_of_a_convolution() -> None:
    dense = nn.Linear(1 * 28 * 28, 6 * 28 * 28, device="meta")
    parameters = sum(p.numel() for p in dense.parameters())
    assert dense_equivalent((1, 28, 28), (6, 28, 28)) == parameters == 3_692_640
    assert dense_parameters(400, 120) == 48_120
    assert dense_parameters(400, 120, bias=False) == 48_000


@thorough
@given(st.lists(windows, min_size=1, max_size=5))
def test_the_recursion_gives_what_tracing_gives(layers: list[Window]) -> None:
    convs = [nn.Conv2d(1, 1, w.kernel, w.stride, w.padding, w.dilation) for w in layers]
    row = trace(nn.Sequential(*convs), (1, 2000, 2000)).rows[-1]
    view = view_after(layers)
    assert row.field is not None
    assert row.field.size == (view.field, view.field)
    assert row.field.stride == (view.stride, view.stride)
    assert row.field.offset == (view.start, view.start)
    assert effective_stride(layers) == view.stride


def test_alexnet_by_hand() -> None:
    assert view_after([Window(11, 4, 2), Window(3, 2)]) == View(19, 8, -2)


@pytest.mark.parametrize(("kernel", "dilation"), [(1, 1), (3, 1), (5, 2), (7, 3)])
def test_same_padding_keeps_the_size(kernel: int, dilation: int) -> None:
    padding = same_padding(kernel, dilation)
    assert output_size(28, kernel, 1, padding, dilation) == 28


def test_an_even_kernel_cannot_keep_the_size() -> None:
    with pytest.raises(InputSizeError, match="^a kernel of 4 cannot keep the size"):
        same_padding(4)


def test_a_window_larger_than_the_picture() -> None:
    with pytest.raises(InputSizeError) as caught:
        output_size(4, 5, padding=0)
    assert str(caught.value) == (
        "a kernel of 5 (dilation 1) does not fit into 4 pixels with a padding of 0; "
        "at least 5 are needed"
    )
