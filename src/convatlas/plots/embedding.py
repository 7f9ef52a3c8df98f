"""Pictures as points of a plane, some of them as thumbnails."""

from collections.abc import Sequence

import numpy as np
from matplotlib import colormaps
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from numpy.typing import NDArray

from convatlas.plots.figure import FAINT, new_figure, style

APART = 0.042  # of the plane's side: thumbnails are not nearer to each other
MOST_GROUPS = 20


def draw_embedding(
    points: NDArray[np.float32],
    pictures: NDArray[np.uint8],
    groups: Sequence[str],
    title: str,
    note: str,
) -> Figure:
    """Every picture as a dot in the colour of its group, and as many as fit shown.

    Args:
        points: N × 2.
        pictures: N C H W, uint8.
        groups: of the pictures, e.g. their classes; empty where nothing is known.
        title: above.
        note: below: what distances mean.
    """
    names = sorted(set(groups)) if groups else []
    if len(names) > MOST_GROUPS:
        names = []
    palette = _colours(len(names))
    colours = [palette[names.index(g)] for g in groups] if names else FAINT
    places = _scaled(points)
    _, _, tall, wide = pictures.shape
    side = 0.021  # half of a thumbnail's longer side
    half = (side * wide / max(tall, wide), side * tall / max(tall, wide))
    with style(grid=False):
        figure = new_figure(7.6 if names else 6.8, 7.0)
        figure.suptitle(title, x=0.01, ha="left", fontsize=10)
        axes = figure.add_subplot()
        axes.scatter(
            places[:, 0], places[:, 1], s=9, c=colours, linewidths=0, alpha=0.8
        )
        for row in _spread(places):
            x, y = places[row]
            colour = palette[names.index(groups[row])] if names else to_rgb(FAINT)
            axes.imshow(
                _framed(pictures[row], colour),
                extent=(x - half[0], x + half[0], y - half[1], y + half[1]),
                interpolation="nearest",
                zorder=3,
            )
        axes.set_xlim(-0.03, 1.03)
        axes.set_ylim(-0.03, 1.03)
        axes.set_aspect("equal")
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_visible(False)
        axes.set_xlabel(note, loc="left", color=FAINT)
        for name, colour in zip(names, palette, strict=True):
            axes.scatter(
                [], [], s=22, color=[colour], label=name or "none", linewidths=0
            )
        if names:
            axes.legend(loc="center left", bbox_to_anchor=(1.0, 0.5), handletextpad=0.1)
    return figure


def _colours(count: int) -> list[tuple[float, float, float]]:
    if count <= 10:
        return [to_rgb(c) for c in colormaps["tab10"].colors[:count]]  # type: ignore[attr-defined]
    return [to_rgb(c) for c in colormaps["tab20"].colors[:count]]  # type: ignore[attr-defined]


def _scaled(points: NDArray[np.float32]) -> NDArray[np.float64]:
    """Into 0 ... 1, both directions alike."""
    low, high = points.min(axis=0), points.max(axis=0)
    extent = float((high - low).max()) or 1.0
    middle = (low + high) / 2
    return np.asarray((points - middle) / extent + 0.5, np.float64)


def _spread(places: NDArray[np.float64]) -> list[int]:
    """Rows of points that are far enough from each other for a thumbnail."""
    chosen: list[int] = []
    for row, place in enumerate(places):
        near = places[chosen]
        if not chosen or np.abs(near - place).max(axis=1).min() > APART:
            chosen.append(row)
    return chosen


def _framed(
    picture: NDArray[np.uint8], colour: tuple[float, float, float]
) -> NDArray[np.float64]:
    """H W 3, 0 ... 1, with an edge in the colour of its group."""
    shown = np.repeat(picture, 3, 0) if len(picture) == 1 else picture
    edge = max(round(max(shown.shape[1:]) / 16), 1)
    flat = shown.transpose(1, 2, 0) / 255
    framed = np.empty((flat.shape[0] + 2 * edge, flat.shape[1] + 2 * edge, 3))
    framed[:] = colour
    framed[edge:-edge, edge:-edge] = flat
    return framed
