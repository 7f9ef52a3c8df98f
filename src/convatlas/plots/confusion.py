"""A confusion matrix as a picture."""

from collections.abc import Sequence

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure

from convatlas.plots.figure import INK, new_figure, style

MOST_NUMBERS = 30  # classes up to which counts are written into the cells


def draw_confusion(
    matrix: Sequence[Sequence[int]], names: Sequence[str], title: str
) -> Figure:
    """Rows are true classes, columns predictions; colour tells the share of a row.

    Args:
        matrix: counts, classes × classes.
        names: of the classes.
        title: over the picture.
    """
    counts = np.asarray(matrix)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    classes = len(names)
    side = min(max(3.6, 0.5 * classes + 1.6), 14)
    with style(grid=False):
        figure = new_figure(side + 0.6, side)
        axes = figure.add_subplot()
        # the logarithm makes the rare mistakes visible beside the many hits
        image = axes.imshow(
            np.maximum(shares, 1e-4), cmap="Blues", norm=LogNorm(1e-3, 1)
        )
        bar = figure.colorbar(
            image, ax=axes, shrink=0.8, label="share of the true class"
        )
        bar.outline.set_visible(False)
        slanted = max(map(len, names)) > 3
        axes.set_xticks(
            range(classes),
            names,
            rotation=45 if slanted else 0,
            ha="right" if slanted else "center",
        )
        axes.set_yticks(range(classes), names)
        axes.set_xlabel("predicted")
        axes.set_ylabel("true")
        axes.set_title(title)
        axes.spines[:].set_visible(False)
        axes.tick_params(length=0)
        if classes <= MOST_NUMBERS:
            for row, column in np.argwhere(counts):
                axes.text(
                    column,
                    row,
                    str(counts[row, column]),
                    ha="center",
                    va="center",
                    fontsize=8 if classes <= 15 else 6,
                    color="white" if shares[row, column] > 0.15 else INK,
                )
    return figure
