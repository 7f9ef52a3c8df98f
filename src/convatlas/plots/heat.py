"""Heat maps laid over the picture, and how they change while a network forgets."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure, SubFigure
from numpy.typing import NDArray

from convatlas.plots.figure import ACCENT, FAINT, INK, SECOND, new_figure, style
from convatlas.plots.photo import draw_photo

CELL = 1.55  # inches, the longer side of a picture
BELOW = 0.35  # inches for words below a picture
STRONGEST = 0.995  # share of pixels that the colours reach to; the rest is saturated
AGAINST_FOR = LinearSegmentedColormap.from_list(
    "against-for", ["#1e40af", ACCENT, "#eef2ff", "#fff7ed", SECOND, "#9a3412"]
)
FOR = LinearSegmentedColormap.from_list("for", ["#fff7ed", SECOND, "#9a3412"])


@dataclass(frozen=True)
class Heat:
    """A map to draw: H W; signed ones are blue below zero; a line below it."""

    values: NDArray[np.float32]
    signed: bool
    note: str = ""


@dataclass(frozen=True)
class HeatRow:
    """Maps of one thing that was asked, in the order of the columns."""

    name: str
    maps: Sequence[Heat]


def draw_heat(
    picture: NDArray[np.uint8],
    columns: Sequence[str],
    rows: Sequence[HeatRow],
    title: str,
) -> Figure:
    """The picture, and beside it every method's map, a row for each question.

    Args:
        picture: C H W, as the network saw it.
        columns: names of the methods.
        rows: with a map for each column.
        title: above.
    """
    with style(grid=False):
        shape = len(rows), 1 + len(columns)
        figure, grid, strip = _grid(picture, *shape, title)
        for row, axes in zip(rows, grid, strict=True):
            draw_photo(axes[0], picture)
            axes[0].set_ylabel(row.name, color=INK, labelpad=6)
            for one, heat in zip(axes[1:], row.maps, strict=True):
                _overlay(one, picture, heat)
                if heat.note:
                    one.set_xlabel(heat.note, fontsize=7, color=FAINT)
        for one, name in zip(grid[0], ("what it saw", *columns), strict=True):
            one.set_title(name, loc="center", y=1, fontsize=9)
        _legend(strip, [row.maps for row in rows])
    return figure


@dataclass(frozen=True)
class ForgottenRow:
    """One method: its map when trained, then one a stage with how alike they are."""

    method: str
    verdict: str
    maps: Sequence[Heat]


def draw_sanity(
    picture: NDArray[np.uint8],
    stages: Sequence[str],
    rows: Sequence[ForgottenRow],
    title: str,
) -> Figure:
    """A row a method: how its map changes while layers forget, from the answer down.

    Args:
        picture: C H W.
        stages: what is forgotten at each.
        rows: with one map more than there are stages, the trained network's first.
        title: above.
    """
    with style(grid=False):
        shape = len(rows), 2 + len(stages)
        figure, grid, strip = _grid(picture, *shape, title)
        for row, axes in zip(rows, grid, strict=True):
            draw_photo(axes[0], picture)
            axes[0].set_ylabel(f"{row.method}\n{row.verdict}", fontsize=8, labelpad=6)
            for one, heat in zip(axes[1:], row.maps, strict=True):
                _overlay(one, picture, heat)
                one.set_xlabel(heat.note, fontsize=7, color=INK)
        for one, name in zip(grid[0], ("", "trained", *stages), strict=True):
            one.set_title(name, loc="center", y=1, fontsize=7)
        _legend(strip, [row.maps for row in rows])
    return figure


def _grid(
    picture: NDArray[np.uint8], rows: int, columns: int, title: str
) -> tuple[Figure, Any, SubFigure]:
    """Empty fields for pictures, and a strip below them.

    Args:
        picture: that all fields have the shape of.
        rows: of fields.
        columns: of fields.
        title: above.
    """
    _, tall, wide = picture.shape
    cell = CELL / max(tall, wide / 1.35)
    width = max(columns * (cell * wide + 0.1) + 0.6, 4.6)
    height = rows * (cell * tall + BELOW) + 0.85
    figure = new_figure(width, height)
    figure.suptitle(title, x=0.01, ha="left", fontsize=10)
    parts: Any = figure.subfigures(2, 1, height_ratios=(height - 0.75, 0.4))
    upper, lower = parts
    grid = upper.subplots(rows, columns, squeeze=False)
    for axes in grid.flat:
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_visible(True)
        axes.spines[:].set_color("#e5e7eb")
    return figure, grid, lower


def _overlay(axes: Axes, picture: NDArray[np.uint8], heat: Heat) -> None:
    """The map in its colours; where it says nothing the picture shows through, pale."""
    most = float(np.quantile(np.abs(heat.values), STRONGEST))
    most = most or float(np.abs(heat.values).max()) or 1.0
    light = picture.mean(axis=0)[..., None]
    pale = 0.72 + 0.28 * (light - light.min()) / max(float(np.ptp(light)), 1.0)
    axes.imshow(_mixed(heat.values / most, heat.signed, pale), interpolation="nearest")


def _mixed(share: NDArray[Any], signed: bool, below: NDArray[Any]) -> NDArray[Any]:
    """Colours of shares -1 ... 1 or 0 ... 1 over what is below them, H W 3."""
    low = -1.0 if signed else 0.0
    share = np.clip(share, low, 1)
    coloured = (AGAINST_FOR if signed else FOR)((share - low) / (1 - low))[..., :3]
    strength = np.sqrt(np.abs(share))[..., None]  # so that the faint is seen too
    return np.asarray(np.clip(below * (1 - strength) + coloured * strength, 0, 1))


def _legend(strip: SubFigure, rows: Sequence[Sequence[Heat]]) -> None:
    """What the colours mean, of the kinds of maps that are there."""
    kinds = [heat.signed for row in rows for heat in row]
    fields = strip.subplots(1, 4, squeeze=False, gridspec_kw={"wspace": 0.3})[0]
    for axes in fields:
        axes.set_axis_off()
    for axes, signed in zip(fields, sorted(set(kinds)), strict=False):
        axes.set_axis_on()
        share = np.linspace(-1 if signed else 0, 1, 101)[None]
        axes.imshow(_mixed(share, signed, np.ones((1, 1, 1))), aspect="auto")
        ends = ("against it", "for it") if signed else ("no say", "for it")
        axes.set_xticks([0, share.size - 1], labels=list(ends), fontsize=7)
        axes.set_yticks([])
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
