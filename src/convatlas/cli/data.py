"""``convatlas data`` and what follows it: show, check, download."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from convatlas.cli.command import new_app
from convatlas.cli.data_check import check
from convatlas.cli.data_show import show

HELP = """List the data sets; 'show NAME' draws one, 'check NAME' looks for faults in
one, 'download NAME' fetches one.

Wherever a data set is asked for, folder:PATH takes pictures of your own, in one
folder a class (cut 80/10/10 into train, validation, test), or with train/, val/
and test/ around the class folders. folder:PATH@64x96 scales them to 64×96 pixels
(height×width); else their median size is taken. numbers:FILE.csv takes pictures of
house numbers: lines of file,number, the files relative to the CSV; more columns if
you like: split (train, validation, test), left, top, width, height (pixels, a value
for each digit with spaces between, or one for the whole number).

Examples: convatlas data; convatlas data show fashion-mnist;
convatlas data show folder:my-pictures@32x32 --out look.png;
convatlas data check mchar
"""

app = new_app("data", HELP)
app.command(show)
app.command(check)

Flag = Annotated[bool, Parameter(negative=())]


@app.default
def table(*, data_dir: Path | None = None, json: Flag = False) -> int:
    """List the data sets.

    Parameters
    ----------
    data_dir
        Where data sets lie; CONVATLAS_DATA or the cache folder if none.
    json
        Print JSON, nothing else.
    """
    from convatlas.data.catalogue import entries
    from convatlas.data.location import data_folder

    folder = data_folder(data_dir)
    if json:
        from json import dumps

        plain = [
            {
                "name": entry.name,
                "title": entry.title,
                "shape": entry.shape,
                "classes": entry.classes,
                "images": {
                    "train": entry.train,
                    "validation": entry.validation,
                    "test": entry.test,
                },
                "size_bytes": entry.size_bytes,
                "licence": entry.licence,
                "source": entry.source,
                "present": entry.present(folder),
            }
            for entry in entries()
        ]
        print(dumps(plain, ensure_ascii=False, indent=1))
        return 0
    from convatlas.cli.terminal import console, new_table, print_table

    out = console()
    rows = new_table(
        "data set",
        ">images",
        ">classes",
        ">picture",
        ">download",
        "present",
        "licence",
    )
    rows.columns[-1].no_wrap = False  # the one that gives way in a narrow terminal
    for entry in entries():
        rows.add_row(
            f"[bold]{entry.name}[/]",
            f"{entry.images:,}",
            "numbers" if entry.numbers else str(entry.classes),
            "×".join(map(str, entry.shape)),
            f"{entry.size_bytes / 1e6:.0f} MB" if entry.size_bytes else "–",
            "[green]yes[/]" if entry.present(folder) else "[dim]no[/]",
            entry.licence,
        )
    print_table(out, rows)
    out.print(f"data folder: {folder}")
    out.print(
        "your own pictures: folder:PATH, one folder a class; numbers:FILE.csv, house "
        "numbers",
        style="dim",
    )
    return 0


@app.command
def download(name: str, /, *, data_dir: Path | None = None) -> int:
    """Fetch a data set into the data folder, checked against its checksums.

    What is there already is not fetched again, and an interrupted download goes on
    where it stopped. CONVATLAS_MIRROR=http://HOST:PORT asks another machine first: any
    that runs 'python -m http.server' in its data folder.

    Parameters
    ----------
    name
        Of a data set; 'convatlas data' lists them.
    data_dir
        Where to put it; CONVATLAS_DATA or the cache folder if none.
    """
    from convatlas.cli.data_progress import DataProgress
    from convatlas.cli.terminal import console
    from convatlas.data.catalogue import find
    from convatlas.data.location import data_folder
    from convatlas.data.obtain import obtain

    entry, folder = find(name), data_folder(data_dir)
    was_there = entry.present(folder)
    with DataProgress() as progress:
        remarks = obtain(entry, folder, progress)
    if not entry.files:
        console().print(f"{name} is part of the package; nothing to fetch")
    elif was_there:
        console().print(f"{name} is in {folder} already")
    else:
        console().print(f"{name} is in {folder} now")
    for remark in remarks:
        console().print(remark)
    return 0
