"""Bars of networks side by side: parameters and MACs, and in which layers they are."""

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from convatlas.anatomy.comparing import Profile
from convatlas.anatomy.writing import si
from convatlas.plots.figure import ACCENT, FAINT, SECOND, new_figure, style


def draw_network_bars(profiles: Sequence[Profile]) -> Figure:
    """Two groups of bars: parameters, and multiply-accumulates for one picture."""
    with style(grid=False):
        figure = new_figure(9, 1.3 + 0.42 * len(profiles))
        left, right = figure.subplots(1, 2, sharey=True)
        names = [p.name for p in profiles]
        _bars(
            left,
            names,
            {
                "convolutions": ([p.conv_parameters for p in profiles], ACCENT),
                "fully connected": ([p.dense_parameters for p in profiles], SECOND),
                "other": ([p.other_parameters for p in profiles], FAINT),
                "not called": ([p.uncalled_parameters for p in profiles], "#d1d5db"),
            },
            "parameters",
        )
        _bars(
            right,
            names,
            {
                "convolutions": ([p.conv_macs for p in profiles], ACCENT),
                "fully connected": ([p.dense_macs for p in profiles], SECOND),
            },
            "multiply-accumulates for one picture",
        )
        handles, labels = left.get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside lower left", ncols=4)
    return figure


def _bars(
    axes: Axes, names: list[str], parts: dict[str, tuple[list[int], str]], title: str
) -> None:
    places = range(len(names))
    starts = [0] * len(names)
    for label, (values, colour) in parts.items():
        if not any(values):
            continue
        axes.barh(places, values, left=starts, color=colour, label=label, height=0.62)
        starts = [a + b for a, b in zip(starts, values, strict=True)]
    for place, total in zip(places, starts, strict=True):
        axes.annotate(
            si(total), (total, place), (4, 0), textcoords="offset points", va="center"
        )
    axes.set_yticks(list(places), names)
    if not axes.yaxis_inverted():
        axes.invert_yaxis()
    axes.set_title(title)
    axes.set_xlim(0, 1.18 * max(starts, default=1) or 1)
    axes.spines["bottom"].set_visible(False)
    axes.spines["left"].set_visible(False)
    axes.tick_params(left=False, bottom=False, labelbottom=False)
