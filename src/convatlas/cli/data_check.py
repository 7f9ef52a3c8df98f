"""``convatlas data check``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

if TYPE_CHECKING:
    from convatlas.verbs.check_data import Checked

SHOWN = 3  # findings of a kind; --json has all

Flag = Annotated[bool, Parameter(negative=())]


def check(
    name: str,
    /,
    *,
    places: int = 5,
    data_dir: Path | None = None,
    json: Flag = False,
) -> int:
    """Look for what is wrong with a data set; the exit status is 1 if something is.

    Of house numbers: pictures that are missing or have no label, files that cannot be
    read, boxes without area or outside the picture, digits out of reading order,
    numbers longer than a network has places, copies (the same bytes, or nearly the same
    picture). Of other data sets: files that cannot be read, copies.

    Parameters
    ----------
    name
        Of a data set ('convatlas data' lists them), folder:PATH or numbers:FILE.csv.
    places
        How many digits a network can express.
    data_dir
        Where data sets lie; CONVATLAS_DATA or the cache folder if none.
    json
        Print all findings as JSON, nothing else.
    """
    from convatlas.cli.data_progress import DataProgress
    from convatlas.verbs.check_data import check_data

    with DataProgress() as progress:
        checked = check_data(name, places=places, data_dir=data_dir, progress=progress)
    if json:
        from dataclasses import asdict
        from json import dumps

        print(dumps(asdict(checked), ensure_ascii=False, indent=1))
    else:
        _print(checked)
    return 1 if checked.findings else 0


def _print(checked: "Checked") -> None:
    from rich.markup import escape

    from convatlas.cli.terminal import console, new_table, print_table
    from convatlas.data.check import KINDS

    out = console()
    pictures = ", ".join(f"{part} {n:,}" for part, n in checked.pictures.items())
    out.print(f"[bold]{escape(checked.name)}[/]: {pictures}")
    if checked.lengths:
        lengths = ", ".join(f"{n}: {count:,}" for n, count in checked.lengths.items())
        out.print(f"pictures by digits: {lengths}", style="dim")
    if not checked.findings:
        out.print("nothing found", style="green")
        return
    rows = new_table("finding", ">pictures", ">across splits")
    examples: list[str] = []
    for kind, title in KINDS.items():
        found = [finding for finding in checked.findings if finding.kind == kind]
        if not found:
            continue
        # copies on both sides of the cut matter most
        found.sort(key=lambda finding: not finding.splits)
        across = sum(bool(finding.splits) for finding in found)
        rows.add_row(title, f"{len(found):,}", f"{across:,}" if across else "–")
        examples += [f"{one.file}: {one.what}" for one in found[:SHOWN]]
    print_table(out, rows)
    for example in examples:
        out.print(escape(example))
    if len(checked.findings) > len(examples):
        out.print("all of them: --json", style="dim")
