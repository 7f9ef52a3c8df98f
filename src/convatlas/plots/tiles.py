"""A sheet of small pictures side by side, with labels and a legend."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from convatlas.plots.colours import NAMES, Colours, light
from convatlas.plots.figure import new_figure, style

COLUMNS = 8
SIDE = 1.05  # inches of a tile's longer side
CELL = 0.42  # inches of a cell with a number in it
STRIP = 9.0  # inches of a single row of numbers
STRIP_HEIGHT = 0.35
ELONGATED = 8  # so many times as wide as high: a strip
GAP = 0.09  # inches between tiles
LETTERS = 0.2  # inches of a line of small text
LEGEND = 0.9


@dataclass(frozen=True)
class PictureTile:
    """Pixels (h w 3, uint8) with a label and, if wanted, a number a pixel."""

    pixels: NDArray[np.uint8]
    label: str = ""
    numbers: NDArray[np.floating] | None = None


def draw_tiles(
    tiles: Sequence[PictureTile],
    title: str,
    note: str = "",
    scale: tuple[Colours, float, float] | None = None,
) -> Figure:
    """The tiles in their order, eight in a row, all of one size.

    Args:
        tiles: at least one.
        title: above.
        note: below the title.
        scale: colours, lowest and highest value of a legend that holds for all tiles.
    """
    columns, width, height = _layout(tiles)
    rows = -(-len(tiles) // columns)
    label = LETTERS if any(tile.label for tile in tiles) else 0.0
    across = columns * (width + GAP) - GAP
    down = rows * (height + GAP + label) - GAP
    with style(grid=False):
        figure = new_figure(
            max(across + (LEGEND if scale else 0.0), 5.0) + 0.2,
            down + 0.35 + LETTERS * bool(note),
        )
        figure.suptitle(
            f"{title}\n{note}" if note else title, x=0.01, ha="left", size=9
        )
        axes = figure.add_subplot()
        for number, tile in enumerate(tiles):
            row, column = divmod(number, columns)
            left, top = column * (width + GAP), row * (height + GAP + label)
            _draw(axes, tile, (left, left + width, top + height, top))
        axes.set_xlim(0, max(across, 5.0 - (LEGEND if scale else 0.0)))
        axes.set_ylim(down, 0)
        axes.set_aspect("equal")
        axes.set_anchor("NW")
        axes.axis("off")
        if scale is not None:
            _legend(figure, axes, scale, down)
    return figure


def _layout(tiles: Sequence[PictureTile]) -> tuple[int, float, float]:
    """Tiles in a row, width and height of each in inches."""
    tall, wide = (max(tile.pixels.shape[axis] for tile in tiles) for axis in (0, 1))
    if any(tile.numbers is not None for tile in tiles):
        return (
            max(min(3, len(tiles)) if wide < ELONGATED else 1, 1),
            wide * CELL,
            tall * CELL,
        )
    if wide > ELONGATED * tall:
        return 1, STRIP, STRIP_HEIGHT
    longest = max(tall, wide)
    return min(COLUMNS, len(tiles)), SIDE * wide / longest, SIDE * tall / longest


def _draw(
    axes: Axes, tile: PictureTile, extent: tuple[float, float, float, float]
) -> None:
    left, right, bottom, top = extent
    axes.imshow(tile.pixels, interpolation="nearest", extent=extent, aspect="auto")
    middle = (left + right) / 2
    if tile.label:
        axes.text(middle, bottom + 0.03, tile.label, ha="center", va="top", size=7)
    if tile.numbers is None:
        return
    height, width = tile.numbers.shape
    for (row, column), value in np.ndenumerate(tile.numbers):
        axes.text(
            left + (column + 0.5) * (right - left) / width,
            top + (row + 0.5) * (bottom - top) / height,
            "–" if np.isnan(value) else f"{value:.2g}".replace("-", "−"),
            ha="center",
            va="center",
            size=7,
            color="black" if light(tile.pixels[row, column]) else "white",
        )


def _legend(
    figure: Figure, axes: Axes, scale: tuple[Colours, float, float], down: float
) -> None:
    colours, low, high = scale
    bar = figure.colorbar(
        ScalarMappable(Normalize(low, high), NAMES[colours]),
        ax=axes,
        aspect=max(min(down, 2.5) / 0.13, 2),
        shrink=min(1.0, 2.5 / down),
        anchor=(0.0, 1.0),
    )
    ends = [low, 0.0, high] if low < 0 < high else [low, high]
    bar.set_ticks(sorted(set(ends)))
    bar.ax.tick_params(labelsize=7)
    bar.ax.yaxis.set_major_formatter("{x:.3g}")
