"""Windows of a picture, and what a network sees of them.

A window is left, top, right, bottom in pixels of the picture, fractions allowed.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Window = tuple[float, float, float, float]
Size = tuple[int, int]  # height, width
Pixels = NDArray[np.uint8]

SMALLEST = 2.0  # pixels of a window's side, where the picture has as many
# from six times the wanted size on, pixels are averaged in blocks first, so that large
# photos take less time; PIL calls the result indistinguishable from 3 on
BLOCKS = 3.0


def whole(image: Image.Image) -> Window:
    """All of a picture."""
    return 0.0, 0.0, float(image.width), float(image.height)


def part_of(window: Window, shares: Sequence[float]) -> Window:
    """What a box in shares of a window is in pixels; never outside the window."""
    left, top, right, bottom = window
    across, down = right - left, bottom - top
    x1, y1, x2, y2 = (min(max(float(share), 0.0), 1.0) for share in shares)
    return left + x1 * across, top + y1 * down, left + x2 * across, top + y2 * down


def widened(window: Window, margin: float, image: Image.Image) -> Window:
    """A window with a margin, a share of its own sides, cut to the picture."""
    left, top, right, bottom = window
    x1, x2 = _side(left, right, margin, image.width)
    y1, y2 = _side(top, bottom, margin, image.height)
    return x1, y1, x2, y2


def seen(image: Image.Image, window: Window, size: Size) -> Pixels:
    """A window in a network's size, from the picture's own pixels: 3 × height × width.

    Args:
        image: RGB.
        window: inside the picture.
        size: height and width.
    """
    height, width = size
    scaled = image.resize(
        (width, height), Image.Resampling.BILINEAR, box=window, reducing_gap=BLOCKS
    )
    return np.asarray(scaled).transpose(2, 0, 1)


def turned(view: Pixels, degrees: float) -> Pixels:
    """What a network sees, turned clockwise about its middle; the edge goes on outside.

    Args:
        view: 3 × height × width.
        degrees: how far; 0 gives the view itself.
    """
    if not degrees:
        return view
    height, width = view.shape[1:]
    # what can come in from outside, at most
    room = int(np.ceil(np.hypot(height, width) / 2))
    around = np.pad(view.transpose(1, 2, 0), ((room,) * 2, (room,) * 2, (0, 0)), "edge")
    whole = Image.fromarray(around).rotate(-degrees, Image.Resampling.BILINEAR)
    part = whole.crop((room, room, room + width, room + height))
    return np.asarray(part).transpose(2, 0, 1)


def crop(image: Image.Image, box: Window, margin: float) -> Image.Image:
    """A box with a margin as a picture of its own, in whole pixels of the picture."""
    left, top, right, bottom = (round(edge) for edge in widened(box, margin, image))
    return image.crop((left, top, right, bottom))


def _side(low: float, high: float, margin: float, most: int) -> tuple[float, float]:
    more = max((high - low) * margin, (SMALLEST - (high - low)) / 2)
    low, high = low - more, high + more
    # what is too small at an edge is moved inwards
    low = max(min(low, most - SMALLEST), 0.0)
    high = min(max(high, SMALLEST), float(most))
    return low, high
