"""Accuracy over coverage of every reader, whole pictures beside true crops."""

from collections.abc import Mapping
from pathlib import Path

from matplotlib.ticker import PercentFormatter

from benchmarks.reader.page import VIEWS, Row
from convatlas.plots.figure import ACCENT, FAINT, SECOND, new_figure, save, style
from convatlas.training.metrics import GOAL

PEERS = (SECOND, "#059669", "#7c3aed", "#ca8a04")
DASHES = ("-", "--", ":", "-.")  # of several readers of ours


def draw(rows: Mapping[str, Row], path: Path) -> Path:
    """A panel a view, a line a reader, ours in blue; failed ones are left out."""
    with style():
        figure = new_figure(9, 4)
        panels = figure.subplots(1, len(VIEWS), sharey=True)
        ours = [name for name in rows if name.startswith("convatlas")]
        peers = [name for name in rows if name not in ours]
        for axes, (view, title) in zip(panels, VIEWS.items(), strict=True):
            for name, row in rows.items():
                found = row[view].figures if view in row else None
                if found is None:
                    continue
                colour, dash = ACCENT, "-"
                if name in ours:
                    dash = DASHES[ours.index(name) % len(DASHES)]
                else:
                    colour = PEERS[peers.index(name) % len(PEERS)]
                axes.plot(
                    [point.coverage for point in found.coverage],
                    [point.accuracy for point in found.coverage],
                    color=colour,
                    linestyle=dash,
                    label=name,
                )
            axes.axhline(GOAL, color=FAINT, linestyle=":", zorder=0)
            axes.set_title(title)
            axes.set_xlabel("share that is answered, surest first")
            axes.set_xlim(0, 1)
            axes.set_ylim(0, 1.01)
            for axis in (axes.xaxis, axes.yaxis):
                axis.set_major_formatter(PercentFormatter(1))
        panels[0].set_ylabel("of these read right")
        lines = panels[0].get_lines()[:-1] or panels[1].get_lines()[:-1]  # not the goal
        if lines:
            figure.legend(handles=lines, loc="outside lower center", ncols=3)
    path.parent.mkdir(parents=True, exist_ok=True)
    return save(figure, path)
