"""The page of the comparison: all readers, then ours by length and by size."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, stdev

from benchmarks.reader.figures import Figures
from benchmarks.reader.kept import Kept
from convatlas.training.metrics import GOAL
from convatlas.verbs.evaluate.number_figures import Group

VIEWS = {"whole": "whole pictures", "crops": "true crops"}
OURS = "convatlas"


@dataclass(frozen=True)
class Cell:
    """One side with one view: what it said and its figures, or why it failed."""

    kept: Kept | None = None
    figures: Figures | None = None
    fault: str = ""


Row = Mapping[str, Cell]  # by view


def page(
    rows: Mapping[str, Row],
    *,
    split: str,
    count: int,
    limited: bool,
    command: str,
    picture: Path,
    out: Path,
) -> str:
    """The text so far.

    Args:
        rows: by reader, ours first.
        split: that was read.
        count: of its pictures.
        limited: whether it has more.
        command: that repeats it.
        picture: the plot.
        out: the page, to which the plot is named relative.
    """
    text = HEADER.format(
        split=split,
        part=f"the first {count:,} in a fixed random order"
        if limited
        else f"all {count:,}",
        command=command,
        processors="; ".join(sorted({k.processor for k in _kept(rows)})) or "nothing",
        picture=os.path.relpath(picture, out.parent),
        goal=f"{100 * GOAL:g} %",
    )
    text += "".join(_row(name, row) for name, row in rows.items())
    ours = {name: row for name, row in rows.items() if name.startswith(OURS)}
    text += _spread(ours)
    for name, row in ours.items():
        for title, of in (("digits", "lengths"), ("height of the digits", "heights")):
            text += _groups(name, row, title, of)
    return text + _asked(rows)


def _row(name: str, row: Row) -> str:
    text = f"| {name} |"
    for view in VIEWS:
        cell = row.get(view)
        if cell is None:
            text += " not asked | | | | |"
        elif cell.figures is None:
            text += f" fails: {cell.fault} | | | | |"
        else:
            found = cell.figures
            assert cell.kept is not None
            goal = (
                "-" if found.at_goal is None else f"{100 * found.at_goal.coverage:.1f}"
            )
            text += (
                f" {found.all.count:,} | **{_share(found.all)}** "
                f"({_interval(found.all)}) | {goal} | {found.milliseconds:.1f} | "
                f"{cell.kept.said.megabytes:.1f} |"
            )
    return text + "\n"


def _spread(ours: Mapping[str, Row]) -> str:
    """Of several readers of ours."""
    told = []
    for view, title in VIEWS.items():
        shares = [
            100 * cell.figures.all.accuracy
            for row in ours.values()
            if (cell := row.get(view))
            and cell.figures
            and cell.figures.all.accuracy is not None
        ]
        if len(shares) > 1:
            told.append(
                f"{title} {mean(shares):.2f} ± {stdev(shares):.2f} (n = {len(shares)})"
            )
    if not told:
        return ""
    what = "Ours, mean ± standard deviation over the readers above"
    return f"\n{what}: {'; '.join(told)}.\n"


def _groups(name: str, row: Row, title: str, of: str) -> str:
    """A reader of ours by one property of the pictures, both views."""
    columns: dict[str, list[Group]] = {
        VIEWS[view]: list(getattr(cell.figures, of))
        for view, cell in row.items()
        if cell.figures is not None
    }
    if not columns:
        return ""
    head = "".join(f" {view}, % right |" for view in columns)
    text = f"\n## {name}, by {title}\n\n| {title} | pictures |{head}\n"
    text += f"|---|--:|{'--:|' * len(columns)}\n"
    for groups in zip(*columns.values(), strict=True):
        cells = "".join(f" {_share(one)} ({_interval(one)}) |" for one in groups)
        text += f"| {groups[0].name} | {groups[0].count:,} |{cells}\n"
    return text


def _asked(rows: Mapping[str, Row]) -> str:
    text = ASKED
    for name, row in rows.items():
        for view, cell in row.items():
            if cell.kept is not None:
                said, kept = cell.kept.said, cell.kept
                text += (
                    f"| {name} | {VIEWS[view]} | {said.version} | {said.how} | "
                    f"{len(said.faults)} | {kept.load:.1f} | {kept.date} |\n"
                )
    return text


def _kept(rows: Mapping[str, Row]) -> Iterator[Kept]:
    for row in rows.values():
        for cell in row.values():
            if cell.kept is not None:
                yield cell.kept


def _share(group: Group) -> str:
    return "-" if group.accuracy is None else f"{100 * group.accuracy:.2f}"


def _interval(group: Group) -> str:
    low, high = group.interval
    return f"{100 * low:.1f} to {100 * high:.1f}"


HEADER = """# Readers of house numbers, side by side

Protocol P, data set `protocol-p`: {split} pictures, {part}.
SVHN's official training pictures are not part of it, and 1 to 2 % of the labels may be
wrong. A number is right if all its digits are; of a text, its digits count. In brackets
the 95 % Wilson interval.

*Whole pictures*: the file as it is. *True crops*: the box around all digits with 15 %
of its sides more on each side, cut to the picture, in the file's own pixels; nobody
looks for anything there. *{goal} at*: the largest share of the pictures, surest first,
of which {goal} are right. *ms*: from file to number, decoding included, median, one
picture at a time, a process of its own on one core. *MB*: model files that were used.

{processors}.

    {command}

![accuracy over coverage]({picture})

| | n | whole pictures, % right | {goal} at, % | ms | MB | n | true crops, % right | \
{goal} at, % | ms | MB |
|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|
"""

ASKED = """
## How they were asked

| | shown | version | how | not read | load at the start | date |
|---|---|---|---|--:|--:|---|
"""
