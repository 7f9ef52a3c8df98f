"""What a data set looks like: some pictures of each class, and how many there are."""

from collections.abc import Sequence

import numpy as np
import torch
from matplotlib.figure import Figure
from numpy.typing import NDArray
from torch import Tensor

from convatlas.plots.figure import ACCENT, FAINT, new_figure, style

MOST_CLASSES = 20  # rows of the grid; of more classes some are shown
COLUMNS = 12  # pictures of a class
MOST_SIDE = 96  # pixels of a picture in the grid; larger ones are thinned out
GAP = 0.08  # between pictures, as a share of their height
BARS = 0.3  # width of the bars and their numbers, as a share of the pictures
PAPER = 255


def draw_samples(
    images: Tensor, labels: Tensor, names: Sequence[str], title: str, seed: int = 0
) -> Figure:
    """A row for each class: a dozen pictures drawn at random, and a bar of its count.

    Args:
        images: N C H W, uint8, 1 or 3 channels. May be memory-mapped.
        labels: N, int64.
        names: of the classes.
        title: over the picture.
        seed: chooses the pictures.
    """
    counts = torch.bincount(labels, minlength=len(names)).tolist()
    shown = _shown(len(names))
    sheet, height, width = _sheet(images, labels, shown, seed)
    rows, columns = sheet.shape[:2]
    whole = columns * (1 + BARS)  # pictures and bars in one field, so rows line up
    inches = min(9 / whole, max(0.42 * len(shown), 1.6) / rows, 9 / rows)
    middles = [row * height + height / 2 for row in range(len(shown))]
    with style(grid=False):
        figure = new_figure(whole * inches + 1.6, rows * inches + 0.7)
        figure.suptitle(title, x=0.01, ha="left", fontsize=11)
        axes = figure.add_subplot()
        axes.imshow(sheet, cmap="gray", vmin=0, vmax=255)
        bars = [counts[number] for number in shown]
        start, longest = columns * 1.02, columns * BARS * 0.6
        lengths = [longest * count / max(*bars, 1) for count in bars]
        axes.barh(middles, lengths, left=start, height=height * 0.4, color=ACCENT)
        for middle, count, length in zip(middles, bars, lengths, strict=True):
            colour = None if count else FAINT
            axes.text(start + length, middle, f" {count:,}", va="center", color=colour)
        axes.set_xlim(0, whole)
        axes.set_ylim(rows, 0)
        axes.set_yticks(middles, [_short(names[number]) for number in shown])
        axes.set_xticks([])
        axes.tick_params(length=0)
        axes.spines[:].set_visible(False)
        if len(shown) < len(names):
            axes.set_xlabel(f"{len(shown)} of {len(names)} classes", loc="left")
    return figure


def _shown(classes: int) -> list[int]:
    """All class numbers, or as many as fit, evenly spread."""
    rows = min(classes, MOST_CLASSES)
    return [int(n) for n in np.linspace(0, classes - 1, rows).round()]


def _sheet(
    images: Tensor, labels: Tensor, shown: Sequence[int], seed: int
) -> tuple[NDArray[np.uint8], int, int]:
    """All pictures on one sheet of paper; height and width of a cell with its gap."""
    step = -(-max(images.shape[2:]) // MOST_SIDE)
    channels, rows, columns = images[:1, :, ::step, ::step].shape[1:]
    gap = max(round(rows * GAP), 1)
    height, width = rows + gap, columns + gap
    sheet = np.full((height * len(shown), width * COLUMNS, channels), PAPER, np.uint8)
    random = np.random.RandomState(seed)
    for row, number in enumerate(shown):
        positions = torch.nonzero(labels == number).flatten().numpy()
        chosen = random.permutation(positions)[:COLUMNS]
        for column, position in enumerate(chosen):
            picture = images[int(position), :, ::step, ::step].permute(1, 2, 0).numpy()
            top, left = row * height + gap // 2, column * width
            sheet[top : top + rows, left : left + columns] = picture
    return sheet.squeeze(2) if channels == 1 else sheet, height, width


def _short(name: str, most: int = 24) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"
