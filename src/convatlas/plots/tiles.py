"""A sheet of small pictures side by side, with labels and a legend."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from convatlas.plots.colours import NAMES, Colours
from convatlas.plots.figure import new_figure, style

COLUMNS = 8
CELL = 1.05  # inches of a tile's longer side
STRIP = 9.0  # inches of a single row of numbers
LETTERS = 0.2  # inches of a line of text
WRITTEN = 7  # cells a side into which numbers are written


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
    tall, wide = (max(tile.pixels.shape[axis] for tile in tiles) for axis in (0, 1))
    strip = wide > 8 * tall
    columns = 1 if strip else min(COLUMNS, len(tiles))
    if any(tile.numbers is not None for tile in tiles):
        columns = min(3, len(tiles))
    rows = -(-len(tiles) // columns)
    width = STRIP if strip else CELL * (2.2 if columns == 3 else 1)
    height = 0.35 if strip else width * min(tall / wide, 3)
    labelled = any(tile.label for tile in tiles)
    with style(grid=False):
        legend = 0.9 if scale is not None else 0.0
        figure = new_figure(
            max(columns * width + legend, 5.0),
            rows * (height + LETTERS * labelled) + 0.3 + LETTERS * bool(note) + 0.15,
        )
        figure.suptitle(title, x=0.01, ha="left", fontsize=10)
        grid = figure.subplots(rows, columns, squeeze=False)
        grid[0, 0].set_title(note, fontsize=8, loc="left")
        for axes in grid.flat:
            axes.axis("off")
        for axes, tile in zip(grid.flat, tiles, strict=False):
            axes.imshow(
                tile.pixels,
                interpolation="nearest",
                aspect="auto" if strip else "equal",
            )
            if tile.label:
                axes.text(
                    0.5,
                    -0.03,
                    tile.label,
                    transform=axes.transAxes,
                    ha="center",
                    va="top",
                    fontsize=7,
                )
            if tile.numbers is not None:
                _write(axes, tile)
        if scale is not None:
            colours, low, high = scale
            bar = figure.colorbar(
                ScalarMappable(Normalize(low, high), NAMES[colours]),
                ax=list(grid.flat),
                aspect=18,
                shrink=min(1.0, 2.0 / (rows * height)) if not strip else 1.0,
            )
            bar.set_ticks(sorted({low, 0.0, high} if low < 0 < high else {low, high}))
            bar.ax.tick_params(labelsize=7)
            bar.ax.yaxis.set_major_formatter("{x:.3g}")
    return figure


def _write(axes: "object", tile: PictureTile) -> None:
    assert tile.numbers is not None
    for (y, x), value in np.ndenumerate(tile.numbers):
        light = tile.pixels[y, x].astype(float) @ (0.299, 0.587, 0.114) > 140
        axes.text(  # type: ignore[attr-defined]
            x,
            y,
            "–" if np.isnan(value) else f"{value:.2g}".replace("-", "−"),
            ha="center",
            va="center",
            fontsize=7,
            color="black" if light else "white",
        )
