"""``convatlas predict``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from convatlas.cli.command import new_app
from convatlas.errors import UsageError

if TYPE_CHECKING:
    from convatlas.verbs.predict import Prediction

app = new_app("predict")


@app.default
def predict(
    run: Path,
    pictures: Annotated[list[str], Parameter(consume_multiple=True)],
    /,
    *,
    top: int = 3,
    json: Annotated[bool, Parameter(negative=())] = False,
    csv: Annotated[bool, Parameter(negative=())] = False,
    skip_bad: Annotated[bool, Parameter(negative=())] = False,
    device: str = "auto",
) -> int:
    """Classify pictures with a run.

    A run that was trained on centred digits (MNIST, digits-5k) takes a photo or scan
    of one digit, dark on light or light on dark, of any size; it is cut out, scaled
    and centred as MNIST's digits were. A run that learned house numbers reads the whole
    picture: one answer, of as many digits as it sees.

    Parameters
    ----------
    run
        A run directory, or shipped:lenet5, which tells digits.
    pictures
        Files, folders (all pictures below them) and globs ('scans/*.png').
    top
        How many answers a picture.
    json
        Print JSON, nothing else.
    csv
        Print comma-separated values: file, then class and probability a rank.
    skip_bad
        Go on without pictures that cannot be read; they are listed on standard error.
    device
        auto, cpu, cuda or mps.
    """
    if json and csv:
        raise UsageError("--json and --csv: choose one")
    from convatlas.cli.terminal import console
    from convatlas.verbs import predict as verb

    result = verb.predict(run, pictures, top=top, device=device, skip_bad=skip_bad)
    if json:
        _print_json(result.predictions)
    elif csv:
        _print_csv(result.predictions)
    else:
        _print_table(result.predictions)
    for _, reason in result.left_out:
        console(errors=True).print(f"left out {reason}", style="yellow")
    return 0


def _print_json(predictions: "tuple[Prediction, ...]") -> None:
    from json import dumps

    plain = [
        {
            "file": str(one.file),
            "answers": [
                {"class": a.name, "probability": a.probability} for a in one.answers
            ],
        }
        for one in predictions
    ]
    print(dumps(plain, ensure_ascii=False, indent=1))


def _print_csv(predictions: "tuple[Prediction, ...]") -> None:
    import csv
    import sys

    writer = csv.writer(sys.stdout, lineterminator="\n")
    ranks = max((len(one.answers) for one in predictions), default=0)
    pair = ("class", "probability")
    names = [f"{what}_{rank + 1}" for rank in range(ranks) for what in pair]
    writer.writerow(["file", *names])
    for one in predictions:
        cells = [x for a in one.answers for x in (a.name, f"{a.probability:.6f}")]
        writer.writerow([str(one.file), *cells])


def _print_table(predictions: "tuple[Prediction, ...]") -> None:
    from convatlas.cli.terminal import console, new_table, print_table

    out = console()
    table = new_table("picture", ">class", ">probability", "others")
    for one in predictions:
        best, *others = one.answers
        rest = ", ".join(f"{a.name} {a.probability:.1%}" for a in others)
        table.add_row(
            str(one.file), f"[bold]{best.name}[/]", f"{best.probability:.1%}", rest
        )
    print_table(out, table)
