"""Rows of small pictures: what excites units, and what looks alike to a network."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from convatlas.plots.figure import ACCENT, FAINT, INK, new_figure, style
from convatlas.plots.photo import draw_photo

CELL = 0.86  # inches


@dataclass(frozen=True)
class Patch:
    """A picture, C h w, uint8, with a line below.

    Attributes:
        pixels: of it.
        label: below it.
        outside: rows and columns of padding at the top, left, bottom and right.
    """

    pixels: NDArray[np.uint8]
    label: str
    outside: tuple[int, int, int, int] = (0, 0, 0, 0)


@dataclass(frozen=True)
class PatchRow:
    """Patches in a row; the first one may be set apart as what was asked."""

    name: str
    patches: Sequence[Patch]


def draw_patches(
    rows: Sequence[PatchRow], title: str, first_apart: bool = False, empty: str = ""
) -> Figure:
    """The rows below each other.

    Args:
        rows: of pictures; padding is drawn as grey paper, at most as wide as the
            picture itself.
        title: above.
        first_apart: whether the first picture of each row is what was asked about.
        empty: what stands in a row without pictures.
    """
    columns = max((len(row.patches) for row in rows), default=1) or 1
    tall, wide = _shape(rows)
    cell_tall, cell_wide = (
        CELL * side / max(tall, wide / 1.6) for side in (tall, wide)
    )
    names = 0.25 + 0.075 * max((len(row.name) for row in rows), default=0)
    with style(grid=False):
        figure = new_figure(
            max(columns * (cell_wide + 0.1) + names, 4.2),
            len(rows) * (cell_tall + 0.26) + 0.5,
        )
        figure.suptitle(title, x=0.01, ha="left", fontsize=10)
        grid = figure.subplots(len(rows), columns, squeeze=False)
        for axes in grid.flat:
            axes.set_axis_off()
        for row, line in zip(rows, grid, strict=True):
            line[0].text(
                -0.12 if row.patches else 0.0,
                0.5,
                row.name,
                transform=line[0].transAxes,
                ha="right",
                va="center",
                color=INK,
            )
            if not row.patches:
                line[0].text(0.1, 0.5, empty, color=FAINT, va="center")
            for place, (axes, patch) in enumerate(zip(line, row.patches, strict=False)):
                asked = first_apart and place == 0
                axes.set_axis_on()
                _draw(
                    axes, patch, ACCENT if asked else "#e5e7eb", 1.6 if asked else 0.8
                )
    return figure


def _draw(axes: Axes, patch: Patch, edge: str, width: float) -> None:
    _, height, wide = patch.pixels.shape
    top, left, bottom, right = (
        min(outside, side)
        for outside, side in zip(
            patch.outside, (height, wide, height, wide), strict=True
        )
    )
    axes.set_facecolor("#f3f4f6")
    draw_photo(axes, patch.pixels)
    axes.set_xlim(-left - 0.5, wide + right - 0.5)
    axes.set_ylim(height + bottom - 0.5, -top - 0.5)
    axes.set_xticks([])
    axes.set_yticks([])
    axes.spines[:].set_visible(True)
    axes.spines[:].set_color(edge)
    axes.spines[:].set_linewidth(width)
    axes.set_xlabel(patch.label, fontsize=7, labelpad=2)


def _shape(rows: Sequence[PatchRow]) -> tuple[int, int]:
    """Height and width of the largest patch with its padding."""
    sides = [
        (
            p.pixels.shape[1] + min(p.outside[0] + p.outside[2], p.pixels.shape[1]),
            p.pixels.shape[2] + min(p.outside[1] + p.outside[3], p.pixels.shape[2]),
        )
        for row in rows
        for p in row.patches
    ]
    return (
        max((tall for tall, _ in sides), default=1),
        max((wide for _, wide in sides), default=1),
    )
