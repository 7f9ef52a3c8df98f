"""Convolution: a kernel slides over a picture, and products are summed.

What deep learning calls convolution is cross-correlation: the kernel is not flipped.
A learned kernel does not care. ``true_convolution`` flips it.
"""

import numpy as np
from numpy.typing import NDArray

from convatlas.anatomy.arithmetic import output_size, transposed_output_size

Array = NDArray[np.float64]


def corr2d(picture: Array, kernel: Array) -> Array:
    """Cross-correlation of one channel with one kernel, stride 1, no padding.

    Args:
        picture: H W.
        kernel: h w.

    Returns:
        (H − h + 1) (W − w + 1).
    """
    height = output_size(picture.shape[0], kernel.shape[0])
    width = output_size(picture.shape[1], kernel.shape[1])
    result = np.zeros((height, width))
    for y in range(height):
        for x in range(width):
            window = picture[y : y + kernel.shape[0], x : x + kernel.shape[1]]
            result[y, x] = (window * kernel).sum()
    return result


def true_convolution(picture: Array, kernel: Array) -> Array:
    """Convolution as in mathematics: the kernel is turned by 180 degrees first."""
    return corr2d(picture, kernel[::-1, ::-1])


def conv(
    images: Array,
    weight: Array,
    bias: Array | None = None,
    stride: int = 1,
    padding: int = 0,
    dilation: int = 1,
    groups: int = 1,
) -> Array:
    """What a convolutional layer computes.

    Args:
        images: N C H W.
        weight: K (C / groups) h w: a kernel per output channel and input channel.
        bias: K, added to each output channel.
        stride: pixels between places.
        padding: zeros around the picture.
        dilation: pixels between the numbers of the kernel, 1 for none left out.
        groups: output channels of a group see the input channels of that group only.

    Returns:
        N K H′ W′.
    """
    n, _, rows, columns = images.shape
    outputs, inputs, h, w = weight.shape
    height = output_size(rows, h, stride, padding, dilation)
    width = output_size(columns, w, stride, padding, dilation)
    around = ((0, 0), (0, 0), (padding, padding), (padding, padding))
    padded = np.pad(images, around)
    result = np.zeros((n, outputs, height, width))
    per_group = outputs // groups
    for k in range(outputs):
        first = (k // per_group) * inputs
        seen = padded[:, first : first + inputs]
        for y in range(height):
            for x in range(width):
                top, left = y * stride, x * stride
                window = seen[
                    :,
                    :,
                    top : top + dilation * (h - 1) + 1 : dilation,
                    left : left + dilation * (w - 1) + 1 : dilation,
                ]
                result[:, k, y, x] = (window * weight[k]).sum(axis=(1, 2, 3))
    return result if bias is None else result + bias[:, None, None]


def one_by_one(images: Array, weight: Array, bias: Array | None = None) -> Array:
    """A 1×1 convolution: a fully connected layer over the channels, at every pixel.

    Args:
        images: N C H W.
        weight: K C.
        bias: K.

    Returns:
        N K H W.
    """
    n, channels, height, width = images.shape
    pixels = images.transpose(0, 2, 3, 1).reshape(-1, channels)
    result = pixels @ weight.T
    if bias is not None:
        result = result + bias
    return result.reshape(n, height, width, -1).transpose(0, 3, 1, 2)


def transposed_conv(
    images: Array,
    weight: Array,
    bias: Array | None = None,
    stride: int = 1,
    padding: int = 0,
) -> Array:
    """A transposed convolution: each pixel writes a whole kernel into the output.

    Args:
        images: N C H W.
        weight: C K h w.
        bias: K.
        stride: pixels of the output between neighbouring kernels.
        padding: pixels cut off around the output.

    Returns:
        N K H′ W′.
    """
    n, channels, rows, columns = images.shape
    outputs, h, w = weight.shape[1:]
    height = transposed_output_size(rows, h, stride)
    width = transposed_output_size(columns, w, stride)
    result = np.zeros((n, outputs, height, width))
    for y in range(rows):
        for x in range(columns):
            for c in range(channels):
                written = images[:, c, y, x][:, None, None, None] * weight[c]
                top, left = y * stride, x * stride
                result[:, :, top : top + h, left : left + w] += written
    result = result[:, :, padding : height - padding, padding : width - padding]
    return result if bias is None else result + bias[:, None, None]
