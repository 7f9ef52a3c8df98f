"""Numbers as colours: viridis for activations, a diverging scale for weights."""

from functools import cache
from typing import Literal

import matplotlib
import numpy as np
from numpy.typing import NDArray

Colours = Literal["viridis", "diverging", "grey", "none"]
NAMES = {"viridis": "viridis", "diverging": "RdBu_r", "grey": "gray", "none": "gray"}
NOTHING = (128, 128, 128)  # where there is no number


@cache
def palette(colours: Colours) -> NDArray[np.uint8]:
    """256 × 3: the colours from the lowest value to the highest."""
    table = matplotlib.colormaps[NAMES[colours]](np.linspace(0, 1, 256))
    return np.asarray((table[:, :3] * 255).round(), dtype=np.uint8)


def coloured(
    values: NDArray[np.floating], colours: Colours, low: float, high: float
) -> NDArray[np.uint8]:
    """H W as H W 3; grey where there is no number.

    Args:
        values: NaN where there is none.
        colours: which.
        low: value of the first colour.
        high: value of the last one.
    """
    result = palette(colours)[places(values, low, high)]
    result[~np.isfinite(values)] = NOTHING
    return result


def places(values: NDArray[np.floating], low: float, high: float) -> NDArray[np.uint8]:
    """Each value's place in a palette, 0 ... 255; 0 where there is no number."""
    known = np.where(np.isfinite(values), values, low).astype(np.float64)
    wide = high - low if high > low else 1.0
    return (((known - low) / wide).clip(0, 1) * 255).round().astype(np.uint8)


def light(colour: NDArray[np.uint8]) -> bool:
    """Whether black is read better on it than white; ITU-R BT.601."""
    return bool(colour.astype(np.float64) @ (0.299, 0.587, 0.114) > 140)
