"""A picture as a network got it, in a field of a drawing."""

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import NDArray


def draw_photo(axes: Axes, pixels: NDArray[np.uint8]) -> None:
    """Grey or in colours, every pixel a square.

    Args:
        axes: the field.
        pixels: C H W, with one channel or three.
    """
    shown = pixels.transpose(1, 2, 0)
    axes.imshow(
        shown.squeeze(2) if shown.shape[2] == 1 else shown,
        cmap="gray",
        vmin=0,
        vmax=255,
        interpolation="nearest",
    )
