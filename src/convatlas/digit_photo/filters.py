"""What is done to whole pictures (H×W, float32) before a digit is looked for."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Grey = NDArray[np.floating[Any]]
Mask = NDArray[np.bool_]
Size = tuple[int, int]  # height, width


def scaled(image: Grey, size: Size) -> Grey:
    """To another size, bilinear, antialiased where it becomes smaller."""
    height, width = size
    if image.shape == size:
        return image
    picture = Image.fromarray(np.ascontiguousarray(image, np.float32))
    return np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR))


def smaller(image: Grey, side: int) -> Grey:
    """The longer side at most ``side``."""
    longest = max(image.shape)
    if longest <= side:
        return image
    height, width = (max(round(length * side / longest), 1) for length in image.shape)
    return scaled(image, (height, width))


def grown(image: Grey, window: int) -> Grey:
    """The largest value of each pixel's neighbourhood: morphological dilation."""
    return _largest(_largest(image, window).T, window).T


def blurred(image: Grey, window: int) -> Grey:
    """The mean of each pixel's neighbourhood; beyond the edge the edge goes on."""
    height, width = image.shape
    padded = np.pad(image, window // 2, mode="edge")
    total = np.zeros_like(image)
    for y in range(window):
        for x in range(window):
            total += padded[y : y + height, x : x + width]
    total /= window * window
    return total


def block_means(image: Grey, size: Size) -> Grey:
    """The mean of each of height × width blocks, which overlap in small pictures."""
    total = image.astype(np.float64)
    for axis in (0, 1):
        starts, stops = _blocks(image.shape[axis], size[axis])
        sums = _sums(total, axis)
        counts = np.expand_dims(stops - starts, 1 - axis)
        total = (sums.take(stops, axis) - sums.take(starts, axis)) / counts
    return total


def any_in_block(mask: Mask, size: Size) -> Mask:
    """Whether each of height × width blocks has a pixel of the mask."""
    for axis in (0, 1):
        starts, stops = _blocks(mask.shape[axis], size[axis])
        sums = _sums(mask.astype(np.int64), axis)
        mask = sums.take(stops, axis) > sums.take(starts, axis)
    return mask


def repeated(mask: Mask, size: Size) -> Mask:
    """A mask in another size, each pixel that of the nearest one."""
    rows, columns = (
        np.arange(new) * old // new for new, old in zip(size, mask.shape, strict=True)
    )
    near: Mask = mask[rows][:, columns]
    return near


def _largest(image: Grey, window: int) -> Grey:
    """Of each row's neighbourhoods; beyond the edge there is nothing."""
    width = image.shape[1]
    around = window // 2
    wide = np.pad(image, ((0, 0), (around, around)), constant_values=-np.inf)
    # maxima over 1, 2, 4 ... pixels, then two that overlap
    reach = 1
    while 2 * reach <= window:
        wide = np.maximum(wide[:, : wide.shape[1] - reach], wide[:, reach:])
        reach *= 2
    rest = window - reach
    return np.maximum(wide[:, :width], wide[:, rest : rest + width])


def _blocks(length: int, count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    steps = np.arange(count + 1) * length
    return steps[:-1] // count, -(-steps[1:] // count)


def _sums(values: NDArray[Any], axis: int) -> NDArray[Any]:
    """Cumulative sums that begin with zero."""
    widths = [(0, 0), (0, 0)]
    widths[axis] = (1, 0)
    return np.pad(values.cumsum(axis), widths)
