"""``convatlas data``, ``convatlas data show``, ``convatlas data download``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from convatlas.cli.command import new_app

if TYPE_CHECKING:
    from convatlas.data.dataset import Dataset, Split

HELP = """List the data sets; 'show NAME' draws one, 'download NAME' fetches one.

Wherever a data set is asked for, folder:PATH takes pictures of your own, in one
folder a class (cut 80/10/10 into train, validation, test), or with train/, val/
and test/ around the class folders. folder:PATH@64x96 scales them to 64×96 pixels
(height×width); else their median size is taken.

Examples: convatlas data; convatlas data show fashion-mnist;
convatlas data show folder:my-pictures@32x32 --out look.png
"""

app = new_app("data", HELP)

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
            str(entry.classes),
            "×".join(map(str, entry.shape)),
            f"{entry.size_bytes / 1e6:.0f} MB" if entry.size_bytes else "–",
            "[green]yes[/]" if entry.present(folder) else "[dim]no[/]",
            entry.licence,
        )
    print_table(out, rows)
    out.print(f"data folder: {folder}")
    out.print("your own pictures: folder:PATH, one folder a class", style="dim")
    return 0


@app.command
def show(
    name: str = "digits-5k",
    /,
    *,
    split: Literal["train", "validation", "test"] = "train",
    out: Path | None = None,
    data_dir: Path | None = None,
    skip_bad: Flag = False,
    json: Flag = False,
) -> int:
    """Draw a labelled sample of a data set with the number of pictures in each class.

    Parameters
    ----------
    name
        Of a data set ('convatlas data' lists them), or folder:PATH.
    split
        Which pictures: train, validation or test.
    out
        The picture to write, .png or .svg; NAME-SPLIT.png here if none.
    data_dir
        Where data sets lie; CONVATLAS_DATA or the cache folder if none.
    skip_bad
        Go on without pictures that cannot be read, and list them.
    json
        Print the counts as JSON, nothing else.
    """
    from convatlas.cli.data_progress import DataProgress
    from convatlas.cli.terminal import console
    from convatlas.data import load
    from convatlas.plots.figure import save
    from convatlas.plots.samples import draw_samples

    with DataProgress() as progress:
        dataset = load(name, folder=data_dir, skip_bad=skip_bad, progress=progress)
        part = dataset.split(split)
    picture = out or Path(f"{_file_name(name)}-{split}.png")
    shape = "×".join(map(str, dataset.spec.shape))
    title = f"{name}, {split}: {len(part):,} pictures, {shape}"
    figure = draw_samples(part.images, part.labels, dataset.labels.names, title)
    save(figure, picture)
    if json:
        _print_json(dataset, part, split, picture)
    else:
        _print_counts(dataset, part, title, picture)
    for file, why in dataset.left_out:
        console(errors=True).print(f"left out {file}: {why}", style="yellow")
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
        obtain(entry, folder, progress)
    if not entry.files:
        console().print(f"{name} is part of the package; nothing to fetch")
    elif was_there:
        console().print(f"{name} is in {folder} already")
    else:
        console().print(f"{name} is in {folder} now")
    return 0


def _print_json(dataset: "Dataset", part: "Split", split: str, picture: Path) -> None:
    from json import dumps

    plain = {
        "name": dataset.name,
        "split": split,
        "shape": dataset.spec.shape,
        "mean": dataset.spec.mean,
        "std": dataset.spec.std,
        "sha256": dataset.sha256,
        "licence": dataset.licence,
        "counts": dict(zip(dataset.labels.names, _counts(dataset, part), strict=True)),
        "left_out": [{"file": f, "reason": why} for f, why in dataset.left_out],
        "picture": str(picture),
    }
    print(dumps(plain, ensure_ascii=False, indent=1))


def _print_counts(dataset: "Dataset", part: "Split", title: str, picture: Path) -> None:
    from rich.markup import escape

    from convatlas.cli.terminal import console, new_table, percent, print_table

    out = console()
    out.print(f"[bold]{escape(title)}[/]")
    rows = new_table("class", ">pictures", ">share")
    for label, count in zip(dataset.labels.names, _counts(dataset, part), strict=True):
        rows.add_row(escape(label), f"{count:,}", percent(count / len(part)))
    print_table(out, rows)
    out.print(f"licence: {dataset.licence}")
    out.print(f"picture: [bold]{escape(str(picture))}[/]")


def _counts(dataset: "Dataset", part: "Split") -> list[int]:
    counts: list[int] = part.labels.bincount(minlength=dataset.labels.classes).tolist()
    return counts


def _file_name(name: str) -> str:
    """The name, fit for a file: of ``folder:a/b@32x32`` it is ``b-32x32``."""
    if not name.startswith("folder:"):
        return name
    return Path(name.removeprefix("folder:")).absolute().name.replace("@", "-")
