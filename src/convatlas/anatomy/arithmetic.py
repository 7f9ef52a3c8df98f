"""The arithmetic of convolution, in whole numbers: sizes, parameters, MACs, fields.

All for one axis or one layer; ``anatomy.trace`` does the same for whole networks.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

from convatlas.errors import InputSizeError


def output_size(
    size: int, kernel: int, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """How many places a window has along an axis.

    ``(size + 2 padding − dilation (kernel − 1) − 1) div stride + 1``

    Raises:
        InputSizeError: the window is larger than the padded input.
    """
    room = size + 2 * padding - dilation * (kernel - 1) - 1
    if room < 0:
        raise InputSizeError(
            f"a kernel of {kernel} (dilation {dilation}) does not fit into {size} "
            f"pixels with a padding of {padding}; at least "
            f"{dilation * (kernel - 1) + 1 - 2 * padding} are needed"
        )
    return room // stride + 1


def transposed_output_size(
    size: int,
    kernel: int,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    extra: int = 0,
) -> int:
    """Pixels that a transposed convolution makes of ``size``."""
    return (size - 1) * stride - 2 * padding + dilation * (kernel - 1) + extra + 1


def same_padding(kernel: int, dilation: int = 1) -> int:
    """The padding that keeps the size at stride 1; the kernel must be odd."""
    if kernel % 2 == 0:
        raise InputSizeError(
            f"a kernel of {kernel} cannot keep the size by equal padding; odd ones can"
        )
    return dilation * (kernel - 1) // 2


def conv_parameters(
    in_channels: int,
    out_channels: int,
    kernel: Sequence[int],
    groups: int = 1,
    bias: bool = True,
) -> int:
    """Numbers that a convolution learns: each output channel has a kernel of its own.

    Args:
        in_channels: of the input.
        out_channels: of the output.
        kernel: (height, width).
        groups: each output channel sees ``in_channels / groups``.
        bias: one number per output channel.
    """
    weights = out_channels * (in_channels // groups) * prod(kernel)
    return weights + (out_channels if bias else 0)


def conv_macs(
    in_channels: int,
    out_channels: int,
    kernel: Sequence[int],
    output: Sequence[int],
    groups: int = 1,
) -> int:
    """Multiply-accumulates of a convolution: its weights, at every place of the output.

    Args:
        in_channels: of the input.
        out_channels: of the output.
        kernel: (height, width).
        output: (height, width).
        groups: see ``conv_parameters``.
    """
    weights = conv_parameters(in_channels, out_channels, kernel, groups, bias=False)
    return weights * prod(output)


def dense_parameters(inputs: int, outputs: int, bias: bool = True) -> int:
    """Numbers that a fully connected layer learns; its MACs are those without bias."""
    return inputs * outputs + (outputs if bias else 0)


def dense_equivalent(input: Sequence[int], output: Sequence[int]) -> int:
    """Parameters of a fully connected layer in the place of a convolution.

    Args:
        input: (channels, height, width).
        output: (channels, height, width).
    """
    return dense_parameters(prod(input), prod(output))


@dataclass(frozen=True)
class Window:
    """A layer that slides: a convolution or a pooling.

    Attributes:
        kernel: in its own input's pixels.
        stride: between places.
        padding: before the first pixel.
        dilation: between the pixels of the kernel.
    """

    kernel: int
    stride: int = 1
    padding: int = 0
    dilation: int = 1


@dataclass(frozen=True)
class View:
    """What the units after some layers see of the network's input.

    Attributes:
        field: pixels that one unit sees.
        stride: the effective one: pixels between the fields of neighbours.
        start: first pixel of the first unit's field; negative: padding.
    """

    field: int = 1
    stride: int = 1
    start: int = 0


def view_after(layers: Sequence[Window]) -> View:
    """The recursion over a chain of layers.

    A kernel of k reaches over k − 1 steps of the input's effective stride, so
    ``field += (k − 1) · dilation · stride``, ``start −= padding · stride`` and then
    ``stride *= s``.
    """
    view = View()
    for layer in layers:
        view = View(
            view.field + (layer.kernel - 1) * layer.dilation * view.stride,
            view.stride * layer.stride,
            view.start - layer.padding * view.stride,
        )
    return view


def effective_stride(layers: Sequence[Window]) -> int:
    """Pixels of the input between neighbouring units: the product of all strides."""
    return prod(layer.stride for layer in layers)
