"""What a data set of house numbers looks like: pictures of each length, with boxes."""

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from torch import Tensor
from torch.nn.functional import interpolate

from convatlas.data.dataset import Split
from convatlas.house_number import NONE, decode
from convatlas.plots.figure import ACCENT, new_figure, style

COLUMNS = 8  # pictures of a length
MOST_ROWS = 8
UNLABELLED_ROWS = 4
CELL = (1.0, 2.0)  # height and width of a cell, in units of the figure
CAPTION = 0.26  # height of the number over a picture, in the same units
MOST_SIDE = 200  # pixels of a picture on the sheet


def draw_numbers(split: Split, title: str, seed: int = 0) -> Figure:
    """A row for each length: pictures drawn at random in their own aspect, the number
    over each, its boxes around the digits, and a bar of how many there are.

    Args:
        split: of house numbers.
        title: over the picture.
        seed: chooses the pictures.
    """
    random = np.random.RandomState(seed)
    rows = _rows(split)
    tall, wide = CELL[0] + CAPTION, CELL[1] * 1.05
    bars = wide * 1.4 if split.labelled else 0.0
    with style(grid=False):
        figure = new_figure(
            0.62 * (COLUMNS * wide + bars) + 0.7, 0.62 * tall * len(rows) + 0.7
        )
        figure.suptitle(title, x=0.01, ha="left", fontsize=11)
        axes = figure.add_subplot()
        most = max(len(positions) for _, positions in rows)
        for row, (_, positions) in enumerate(rows):
            chosen = random.permutation(positions)[:COLUMNS]
            for column, position in enumerate(chosen):
                corner = column * wide, row * tall + CAPTION
                _draw(axes, split, int(position), corner)
            if split.labelled:
                share = len(positions) / most
                where = COLUMNS * wide, row * tall + tall / 2
                _bar(axes, where, bars * 0.55 * share, len(positions))
        axes.set_xlim(0, COLUMNS * wide + bars)
        axes.set_ylim(len(rows) * tall, 0)
        axes.set_aspect("equal")
        middles = [row * tall + tall / 2 for row in range(len(rows))]
        axes.set_yticks(middles, [name for name, _ in rows])
        axes.set_xticks([])
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
    return figure


def _rows(split: Split) -> list[tuple[str, np.ndarray]]:
    """Name of each row and the positions of its pictures."""
    if not split.labelled:
        every = np.arange(len(split))
        parts = np.array_split(every, min(UNLABELLED_ROWS, len(split)))
        return [("no labels" if row == 0 else "", p) for row, p in enumerate(parts)]
    lengths = (split.labels != NONE).to(torch.int64).cumprod(dim=1).sum(dim=1)
    rows = []
    for length in sorted(set(lengths.tolist()))[:MOST_ROWS]:
        name = f"{length} digit" + ("s" if length != 1 else "")
        rows.append((name, (lengths == length).nonzero().flatten().numpy()))
    return rows


def _bar(axes: Axes, where: tuple[float, float], length: float, count: int) -> None:
    axes.barh(where[1], length, left=where[0], height=0.4, color=ACCENT)
    axes.text(where[0] + length, where[1], f" {count:,}", va="center")


def _draw(axes: Axes, split: Split, position: int, corner: tuple[float, float]) -> None:
    """A picture in its cell, as large as fits, with its number and boxes."""
    picture = split.images[position]
    height, width = picture.shape[1:]
    if split.sizes is not None:
        height, width = split.sizes[position].tolist()
    scale = min(CELL[0] / height, CELL[1] / width)
    high, wide = height * scale, width * scale
    left, top = corner[0] + (CELL[1] - wide) / 2, corner[1] + (CELL[0] - high) / 2
    axes.imshow(
        _shrunk(picture, height, width),
        extent=(left, left + wide, top + high, top),
        aspect="auto",
        interpolation="nearest",
    )
    if split.labelled:
        (number,) = decode(split.labels[position : position + 1])
        axes.text(left + wide / 2, top - 0.02, number, ha="center", va="bottom", size=8)
    boxes = [] if split.boxes is None else split.boxes[position].tolist()
    for x0, y0, x1, y1 in boxes:
        if x0 == x0:  # not NaN
            axes.add_patch(
                Rectangle(
                    (left + x0 * wide, top + y0 * high),
                    (x1 - x0) * wide,
                    (y1 - y0) * high,
                    fill=False,
                    edgecolor=ACCENT,
                    linewidth=0.9,
                )
            )


def _shrunk(picture: Tensor, height: int, width: int) -> np.ndarray:
    """The picture in its file's own aspect again: H W 3."""
    scale = min(MOST_SIDE / max(height, width), 1)
    size = max(round(height * scale), 1), max(round(width * scale), 1)
    pixels = interpolate(
        picture[None].to(torch.float32), size, mode="bilinear", antialias=True
    )
    return pixels[0].round().clamp(0, 255).to(torch.uint8).permute(1, 2, 0).numpy()
