"""Pooling: one number for a window, each channel by itself; nothing is learned."""

from collections.abc import Callable

import numpy as np

from convatlas.anatomy.arithmetic import output_size
from convatlas.anatomy.operators.convolution import Array


def max_pool(
    images: Array, kernel: int, stride: int | None = None, padding: int = 0
) -> Array:
    """The largest number of each window; padding is never the largest.

    Args:
        images: N C H W.
        kernel: side of the window.
        stride: pixels between windows; the kernel when None, so that none overlap.
        padding: around the picture.
    """
    return _pooled(images, kernel, stride, padding, -np.inf, np.max)


def average_pool(
    images: Array, kernel: int, stride: int | None = None, padding: int = 0
) -> Array:
    """The mean of each window; zeros of the padding count.

    Args:
        images: N C H W.
        kernel: side of the window.
        stride: pixels between windows; the kernel when None.
        padding: zeros around the picture.
    """
    return _pooled(images, kernel, stride, padding, 0.0, np.mean)


def _pooled(
    images: Array,
    kernel: int,
    stride: int | None,
    padding: int,
    outside: float,
    reduce: Callable[..., Array],
) -> Array:
    step = kernel if stride is None else stride
    n, channels, rows, columns = images.shape
    height = output_size(rows, kernel, step, padding)
    width = output_size(columns, kernel, step, padding)
    around = ((0, 0), (0, 0), (padding, padding), (padding, padding))
    padded = np.pad(images, around, constant_values=outside)
    result = np.zeros((n, channels, height, width))
    for y in range(height):
        for x in range(width):
            top, left = y * step, x * step
            window = padded[:, :, top : top + kernel, left : left + kernel]
            result[:, :, y, x] = reduce(window, axis=(2, 3))
    return result
