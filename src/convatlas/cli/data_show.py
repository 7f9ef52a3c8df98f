"""``convatlas data show``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

if TYPE_CHECKING:
    from convatlas.data.dataset import Dataset, Split

Flag = Annotated[bool, Parameter(negative=())]


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

    Of house numbers it is the number of pictures with one digit, two digits and so on,
    and boxes are drawn around the digits where they are known.

    Parameters
    ----------
    name
        Of a data set ('convatlas data' lists them), folder:PATH or numbers:FILE.csv.
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
    from convatlas.plots.number_samples import draw_numbers
    from convatlas.plots.samples import draw_samples

    with DataProgress() as progress:
        dataset = load(name, folder=data_dir, skip_bad=skip_bad, progress=progress)
        part = dataset.split(split)
    picture = out or Path(f"{_file_name(name)}-{split}.png")
    shape = "×".join(map(str, dataset.spec.shape))
    title = f"{name}, {split}: {len(part):,} pictures, {shape}"
    if dataset.labels.digits:
        figure = draw_numbers(part, title)
    else:
        figure = draw_samples(part.images, part.labels, dataset.labels.names, title)
    save(figure, picture)
    if json:
        _print_json(dataset, part, split, picture)
    else:
        _print_counts(dataset, part, title, picture)
    for file, why in dataset.left_out:
        console(errors=True).print(f"left out {file}: {why}", style="yellow")
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
        "counts": _counts(dataset, part),
        "left_out": [{"file": f, "reason": why} for f, why in dataset.left_out],
        "picture": str(picture),
    }
    print(dumps(plain, ensure_ascii=False, indent=1))


def _print_counts(dataset: "Dataset", part: "Split", title: str, picture: Path) -> None:
    from rich.markup import escape

    from convatlas.cli.terminal import console, new_table, percent, print_table

    out = console()
    out.print(f"[bold]{escape(title)}[/]")
    first = "digits" if dataset.labels.digits else "class"
    rows = new_table(first, ">pictures", ">share")
    for label, count in _counts(dataset, part).items():
        rows.add_row(escape(label), f"{count:,}", percent(count / len(part)))
    print_table(out, rows)
    out.print(f"licence: {dataset.licence}")
    out.print(f"picture: [bold]{escape(str(picture))}[/]")


def _counts(dataset: "Dataset", part: "Split") -> dict[str, int]:
    """Pictures of each class; of numbers, of each length."""
    if not part.labelled:
        return {"unknown": len(part)}
    if dataset.labels.digits:
        from convatlas.house_number import decode

        lengths = [len(number) for number in decode(part.labels)]
        return {
            str(length): lengths.count(length)
            for length in range(min(lengths), max(lengths) + 1)
        }
    counts = part.labels.bincount(minlength=dataset.labels.classes).tolist()
    return dict(zip(dataset.labels.names, counts, strict=True))


def _file_name(name: str) -> str:
    """The name, fit for a file: of ``folder:a/b@32x32`` it is ``b-32x32``, of
    ``numbers:a/b.csv`` it is ``b``."""
    if name.startswith("numbers:"):
        return Path(name.removeprefix("numbers:")).stem
    if not name.startswith("folder:"):
        return name
    return Path(name.removeprefix("folder:")).absolute().name.replace("@", "-")
