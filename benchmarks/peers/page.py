"""The page of the comparison: a table a task, and the plot."""

import os
from collections.abc import Mapping
from pathlib import Path

from benchmarks.peers.rows import Row, lead, middle
from benchmarks.peers.task import TASKS, Task

OURS = "convatlas"
Rows = Mapping[str, Mapping[str, list[Row]]]  # by task, then side: a row a round


def page(
    rows: Rows,
    *,
    quick: bool,
    conditions: str,
    command: str,
    picture: Path | None,
    out: Path | None,
) -> str:
    """The text so far; also written, with the plot, where the paths are given."""
    text = HEADER.format(conditions=conditions, command=command)
    if quick:
        text += QUICK
    if picture is not None:
        from benchmarks.peers.plot import draw

        picture.parent.mkdir(parents=True, exist_ok=True)
        draw(rows, picture)
        place = os.path.relpath(picture, out.parent if out else Path())
        text += f"\n![images per second of every side]({place})\n"
    for name, sides in rows.items():
        if sides:
            task = TASKS[name].quick() if quick else TASKS[name]
            text += table(task, sides)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text)
    return text


def table(task: Task, sides: Mapping[str, list[Row]]) -> str:
    """One task: a row a side."""
    rounds = max(len(rows) for rows in sides.values())
    repeated = f"{rounds} rounds, medians" if rounds > 1 else "1 round"
    text = f"""
## {task.title}

{task.network}, batch {task.batch}, SGD at {task.lr}, {task.epochs} epochs of
{task.count:,} pictures, the first of them not timed; {repeated}.

| | images/s | we are faster by | whole process, s | we are faster by | \
peak memory, MB | test accuracy, % | |
|---|--:|--:|--:|--:|--:|--:|---|
"""
    ours = [row for row in sides.get(OURS, []) if not row.fault]
    for side, found in sides.items():
        rows = [row for row in found if not row.fault]
        if not rows:
            text += f"| {side} | | | | | | | fails: {found[-1].fault} |\n"
            continue
        leads = ["", ""]
        if ours and not side.startswith(OURS):
            leads = [
                f"**{lead(ours, rows, 'images_per_second'):.2f}**",
                f"**{1 / lead(ours, rows, 'seconds'):.2f}**",
            ]
        text += (
            f"| {side} {rows[0].version} | {middle(rows, 'images_per_second'):,.0f} | "
            f"{leads[0]} | {middle(rows, 'seconds'):.1f} | {leads[1]} | "
            f"{middle(rows, 'megabytes'):,.0f} | {100 * middle(rows, 'accuracy'):.2f} "
            f"| {rows[0].how} |\n"
        )
    return text


HEADER = """# Side by side with other ways to train

The same network, batch, epochs, optimizer and learning rate on every side; each side
is written as its own documentation shows (`benchmarks/peers/`), float32 except where
said, runs in a process of its own, and the sides take turns.
{conditions}.

    {command}

All train on the same number of pictures; convatlas holds 5,000 others out to choose the
best epoch by, which is part of its whole process.

Images per second: the training part of the epochs, data loading included. Whole
process: from the start of Python to the test accuracy (fastai and d2l look at the test
split after every epoch, the others once). Peak memory: resident set of the training
process, its workers not counted. "We are faster by": median of the rounds' ratios,
convatlas in float32.
"""

QUICK = """
**A quick look** at few pictures: the accuracies mean nothing.
"""
