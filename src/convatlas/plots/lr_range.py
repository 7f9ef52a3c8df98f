"""The learning-rate range test as a picture."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from convatlas.plots.figure import ACCENT, SECOND, new_figure, style
from convatlas.training.lr_range import RangePoint


def draw_lr_range(
    points: Sequence[RangePoint], suggestion: float | None, title: str
) -> Figure:
    """Smoothed loss over the learning rate, the suggested rate marked."""
    losses = [point.loss for point in points]
    with style():
        figure = new_figure(6.4, 3.6)
        axes = figure.add_subplot()
        axes.plot([point.lr for point in points], losses, color=ACCENT)
        axes.set_xscale("log")
        axes.set_ylim(min(losses) * 0.9, max(losses[0], min(losses)) * 1.4)
        axes.set_xlabel("learning rate")
        axes.set_ylabel("loss, smoothed")
        axes.set_title(title)
        if suggestion is not None:
            axes.axvline(suggestion, color=SECOND, linestyle="--")
            axes.annotate(
                f"steepest at {suggestion:.2g}",
                (suggestion, axes.get_ylim()[1]),
                xytext=(5, -4),
                textcoords="offset points",
                va="top",
                color=SECOND,
            )
    return figure
