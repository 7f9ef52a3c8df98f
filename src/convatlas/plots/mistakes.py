"""A sheet of the worst mistakes, each with its picture."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from convatlas.plots.figure import FAINT, SECOND, new_figure, style
from convatlas.plots.photo import draw_photo

COLUMNS = 8


@dataclass(frozen=True)
class PictureOfMistake:
    """A picture (C H W, uint8) with what it is, what it was taken for, how surely."""

    image: NDArray[np.uint8]
    true: str
    predicted: str
    confidence: float
    confidence_of_true: float


def draw_mistakes(mistakes: Sequence[PictureOfMistake], title: str) -> Figure:
    """The mistakes in their order, eight in a row; a sheet that says so if none."""
    rows = max(1, -(-len(mistakes) // COLUMNS))
    with style(grid=False):
        figure = new_figure(COLUMNS * 1.15, rows * (_aspect(mistakes) + 0.45) + 0.5)
        figure.suptitle(title, x=0.01, ha="left", fontsize=11)
        if not mistakes:
            axes = figure.add_subplot()
            axes.axis("off")
            axes.text(0.5, 0.5, "no mistakes", ha="center", va="center")
            return figure
        grid = figure.subplots(rows, COLUMNS, squeeze=False)
        for axes in grid.flat:
            axes.axis("off")
        for axes, mistake in zip(grid.flat, mistakes, strict=False):
            draw_photo(axes, mistake.image)
            axes.set_title(
                f"{mistake.predicted}  {mistake.confidence:.0%}",
                color=SECOND,
                fontsize=8,
                loc="center",
                y=1,  # given, or it is sought above labels for half of the time
                pad=3,
            )
            axes.text(
                0.5,
                -0.04,
                f"is {mistake.true}  {mistake.confidence_of_true:.0%}",
                transform=axes.transAxes,
                ha="center",
                va="top",
                fontsize=8,
                color=FAINT if mistake.confidence_of_true < 0.01 else None,
            )
    return figure


def _aspect(mistakes: Sequence[PictureOfMistake]) -> float:
    """Height by width of the pictures; 1 of none."""
    if not mistakes:
        return 1.0
    _, height, width = mistakes[0].image.shape
    return float(height / width)
