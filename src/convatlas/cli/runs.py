"""``convatlas runs``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter

from convatlas.cli.command import new_app

if TYPE_CHECKING:
    from convatlas.runs import Run

app = new_app("runs")

Column = Literal[
    "run", "network", "data", "epochs", "validation", "test", "seconds", "started"
]


@app.default
def runs(
    folder: Path = Path("runs"),
    /,
    *,
    sort: Column = "started",
    reverse: Annotated[bool, Parameter(negative=())] = False,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> None:
    """List the runs in a folder.

    Parameters
    ----------
    folder
        Where to look; runs/ if none.
    sort
        Column to sort by, smallest first.
    reverse
        Largest first.
    json
        Print JSON, nothing else.
    """
    from convatlas.cli.terminal import console, new_table, percent, print_table
    from convatlas.runs import find_runs

    found, broken = find_runs(folder)
    rows = [_row(run) for run in found]
    # what has no value comes last, whatever the direction
    rows.sort(key=lambda row: row[sort] or 0, reverse=reverse)
    rows.sort(key=lambda row: row[sort] is None)
    if json:
        from json import dumps

        print(dumps(rows, ensure_ascii=False, indent=1))
        return
    out = console()
    if not rows:
        out.print(f"no runs in {folder}; 'convatlas train' makes one")
    else:
        table = new_table(
            "run",
            ">epochs",
            ">validation",
            ">test",
            ">seconds",
            "network",
            "data",
            "started",
        )
        for row in rows:
            whole = "" if row["finished"] else " (unfinished)"
            table.add_row(
                row["run"] + whole,
                str(row["epochs"]),
                percent(row["validation"]),
                percent(row["test"]),
                f"{row['seconds']:,.1f}",
                row["network"],
                row["data"],
                row["started"][:16].replace("T", " "),
            )
        print_table(out, table)
    for error in broken:
        console(errors=True).print(f"passed over {error}", style="yellow")


def _row(run: "Run") -> dict[str, Any]:
    history = run.history()
    figures = run.figures()
    best = run.best_epoch()
    return {
        "run": run.name,
        "network": run.info.network["name"],
        "data": run.info.data["name"],
        "seed": run.info.seed,
        "epochs": len(history),
        "finished": run.info.finished,
        "validation": best.validation_accuracy if best else None,
        # of a run that finds numbers: the mean intersection over union
        "test": figures.get("accuracy", figures.get("mean_iou")) if figures else None,
        "seconds": sum(record.seconds for record in history),
        "started": run.info.started,
        "path": str(run.path),
    }
