"""Images per second of every side, as bars."""

from collections.abc import Mapping
from pathlib import Path

from benchmarks.peers.rows import Row, middle
from benchmarks.peers.task import TASKS
from convatlas.plots.figure import ACCENT, FAINT, new_figure, save, style


def draw(rows: Mapping[str, Mapping[str, list[Row]]], path: Path) -> Path:
    """A panel a task, a bar a side, ours in colour; failed sides are left out."""
    tasks = {name: sides for name, sides in rows.items() if sides}
    with style(grid=False):
        figure = new_figure(2 + 3.6 * len(tasks), 2.9)  # the sides are named once
        panels = figure.subplots(1, len(tasks), squeeze=False, sharey=True)[0]
        for axes, (name, sides) in zip(panels, tasks.items(), strict=True):
            speeds = {
                side: middle(sound, "images_per_second")
                for side, found in sides.items()
                if (sound := [row for row in found if not row.fault])
            }
            colours = [
                ACCENT if side.startswith("convatlas") else FAINT for side in speeds
            ]
            bars = axes.barh(list(speeds), list(speeds.values()), color=colours)
            axes.bar_label(bars, [f" {speed:,.0f}" for speed in speeds.values()])
            axes.set_title(TASKS[name].title)
            axes.set_xlabel("images per second")
            axes.margins(x=0.2)
        panels[0].invert_yaxis()  # the axis is shared
    return save(figure, path)
