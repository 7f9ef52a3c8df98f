"""How right the answers are if only the surest are given."""

from collections.abc import Sequence

from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from convatlas.plots.figure import ACCENT, FAINT, SECOND, new_figure, style


def draw_coverage(
    points: Sequence[tuple[float, float]],
    goal: float,
    reached: float | None,
    title: str,
) -> Figure:
    """Accuracy over coverage.

    Args:
        points: coverage and accuracy, 0 ... 1, coverage rising; at least one.
        goal: accuracy that is wanted, drawn as a line.
        reached: the largest coverage that has it; None where none has.
        title: over the picture.
    """
    coverage, accuracy = zip(*points, strict=True)
    with style():
        figure = new_figure(7, 3.6)
        figure.suptitle(title, x=0.01, ha="left", fontsize=9)
        axes = figure.add_subplot()
        axes.plot(coverage, accuracy, color=ACCENT)
        axes.axhline(goal, color=FAINT, linestyle=":", zorder=0)
        if reached is not None:
            axes.plot([reached], [goal], color=SECOND, marker="o", markersize=4)
            axes.annotate(
                f"{goal:.0%} right at {reached:.1%} answered",
                (reached, goal),
                xytext=(-8, -14),
                textcoords="offset points",
                ha="right",
            )
        axes.set_xlabel("share of the pictures that are answered, surest first")
        axes.set_ylabel("of these read right")
        axes.set_xlim(0, 1)
        lowest = min([*accuracy, goal])
        axes.set_ylim(max(0.0, lowest - 0.05), 1.01)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter(PercentFormatter(1))
    return figure
