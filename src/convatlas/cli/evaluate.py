"""``convatlas evaluate``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from convatlas.cli.command import new_app

if TYPE_CHECKING:
    from rich.console import Console

    from convatlas.verbs.evaluate import Evaluated

app = new_app("evaluate")

MOST_CLASSES = 40  # that are listed in the terminal
MOST_MISTAKES = 5


@app.default
def evaluate(
    run: Path | None = None,
    /,
    *,
    split: Literal["train", "validation", "test"] = "test",
    data: str | None = None,
    data_dir: Path | None = None,
    device: str = "auto",
    skip_bad: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """Measure a run: accuracy with a 95 % interval, per class, confusion, mistakes.

    Writes the figures into the run (test.json) with pictures of the confusion matrix
    and of the surest mistakes. Choose on validation, report on test: the test split is
    read by this command alone.

    Parameters
    ----------
    run
        A run directory; the newest one in runs/ if none.
    split
        What to measure on.
    data
        Another data set with the same classes; the run's own if none.
    data_dir
        Where data sets lie; CONVATLAS_DATA or the cache folder if none.
    device
        auto, cpu, cuda or mps.
    skip_bad
        Go on without pictures that cannot be read.
    json
        Print the figures as JSON, nothing else.
    """
    from convatlas.cli.data_progress import DataProgress
    from convatlas.cli.terminal import console
    from convatlas.runs import newest_run
    from convatlas.verbs import evaluate as verb

    with DataProgress() as progress:
        measured = verb.evaluate(
            run or newest_run(Path("runs")),
            split,
            data_name=data,
            data_dir=data_dir,
            device=device,
            skip_bad=skip_bad,
            progress=progress,
        )
    if json:
        from json import dumps

        print(dumps(measured.evaluation.to_json(), ensure_ascii=False))
        if measured.warning:
            console(errors=True).print(f"warning: {measured.warning}")
        return
    _show(console(), measured)


def _show(out: "Console", measured: "Evaluated") -> None:
    from convatlas.cli.terminal import new_table, percent, print_table

    figures = measured.evaluation
    low, high = figures.interval
    out.print(
        f"[bold]{measured.run.info.network['name']}[/] on [bold]{figures.data}[/], "
        f"{figures.split}: [bold]{percent(figures.accuracy)}[/] of {figures.count:,} "
        f"right (95 % interval {percent(low)} to {percent(high)})"
    )
    out.print(
        f"loss {figures.loss:.4f}, calibration error "
        f"{percent(figures.calibration_error)}, {figures.images_per_second:,.0f} "
        f"images/s on {figures.processor}"
    )
    table = new_table("class", ">pictures", ">found", ">right when said")
    for one in figures.classes[:MOST_CLASSES]:
        table.add_row(
            one.name, f"{one.count:,}", percent(one.recall), percent(one.precision)
        )
    print_table(out, table)
    if len(figures.classes) > MOST_CLASSES:
        out.print(f"... {len(figures.classes) - MOST_CLASSES} more classes in the file")
    for mistake in figures.mistakes[:MOST_MISTAKES]:
        place = mistake.file or f"picture {mistake.index}"
        out.print(
            f"surest mistake: {place} is {mistake.true}, read as {mistake.predicted} "
            f"({mistake.confidence:.0%})",
            style="dim",
        )
    if measured.warning:
        out.print(f"warning: {measured.warning}", style="yellow")
    for file in measured.files:
        out.print(f"wrote {file}")
