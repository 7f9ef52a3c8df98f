"""A sheet of pictures with the true box of the number and the one that was found."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from convatlas.plots.figure import ACCENT, SECOND, new_figure, style

COLUMNS = 8


@dataclass(frozen=True)
class FoundBox:
    """A picture (C H W, uint8), its file's height and width, and two boxes in it.

    Boxes are left, top, right, bottom as shares of the picture; ``iou`` is their
    intersection over union.
    """

    image: NDArray[np.uint8]
    size: tuple[int, ...] | None
    true: Sequence[float]
    found: Sequence[float]
    iou: float


def draw_found(pictures: Sequence[FoundBox], title: str) -> Figure:
    """The pictures in their order and their own aspect, eight in a row."""
    rows = max(1, -(-len(pictures) // COLUMNS))
    with style(grid=False):
        figure = new_figure(COLUMNS * 1.5, rows * 1.15 + 0.5)
        figure.suptitle(title, x=0.01, ha="left", fontsize=9)
        grid = figure.subplots(rows, COLUMNS, squeeze=False)
        for axes in grid.flat:
            axes.axis("off")
        for axes, one in zip(grid.flat, pictures, strict=False):
            height, width = one.size or one.image.shape[1:]
            axes.imshow(
                one.image.transpose(1, 2, 0),
                extent=(0, width, height, 0),
                interpolation="nearest",
            )
            for box, colour in ((one.true, ACCENT), (one.found, SECOND)):
                left, top, right, bottom = box
                axes.add_patch(
                    Rectangle(
                        (left * width, top * height),
                        (right - left) * width,
                        (bottom - top) * height,
                        fill=False,
                        edgecolor=colour,
                        linewidth=1.2,
                    )
                )
            axes.set_title(f"{one.iou:.2f}", fontsize=8, loc="center", y=1, pad=2)
    return figure
