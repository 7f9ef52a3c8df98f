"""``convatlas read``."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from convatlas.cli.command import new_app
from convatlas.errors import UsageError

if TYPE_CHECKING:
    from convatlas.reading.many import LeftOut, Picture

app = new_app("read")

STDIN = "-"


@app.default
def read(
    pictures: Annotated[
        list[str], Parameter(consume_multiple=True, allow_leading_hyphen=True)
    ],
    /,
    *,
    json: Annotated[bool, Parameter(negative=())] = False,
    csv: Annotated[bool, Parameter(negative=())] = False,
    boxes: Path | None = None,
    min_confidence: float = 0.0,
    digits: str | None = None,
    recursive: Annotated[bool, Parameter(negative=())] = False,
    listed: Annotated[bool, Parameter(name="--list", negative=())] = False,
    reader: Path | None = None,
    run: Path | None = None,
    finder: Path | None = None,
    whole: Annotated[bool, Parameter(negative=())] = False,
    threads: int | None = None,
    device: str = "auto",
) -> int:
    """Read the house number in pictures.

    Tells the number, how sure the reader is of all of it and of each digit, and the
    time. Pictures that cannot be read are told on standard error, one line each; the
    exit status is then 1, or 2 if none could be read.

    Examples: convatlas read door.jpg; convatlas read photos --recursive --csv;
    curl -s URL | convatlas read -; find . -name '*.jpg' | convatlas read - --list

    Parameters
    ----------
    pictures
        Files, folders, globs ('scans/*.png'); - is a picture on standard input.
    json
        Print a line of JSON a picture, nothing else.
    csv
        Print comma-separated values: file, number, confidence, box in pixels.
    boxes
        A folder for pictures with the located number drawn; nothing there is replaced.
    min_confidence
        Below it the number is '-': better no answer than a wrong one. 0 to 1.
    digits
        How many digits the numbers have, if that is known: 3, or 1-4.
    recursive
        Of folders, also the pictures in the folders inside.
    listed
        Standard input (-) holds the names of pictures, one a line.
    reader
        A folder made by 'convatlas export'; the one of the package if none.
    run
        A run that reads, instead of a reader.
    finder
        A run that finds the number for it.
    whole
        Look for nothing and read all of each picture: for numbers that are cut out.
    threads
        Pictures at a time; as many as there are cores if none.
    device
        Of a run: auto, cpu, cuda or mps.
    """
    for name in pictures:  # "-" alone may begin with a hyphen
        if name.startswith("-") and name != STDIN:
            raise UsageError(
                f"Unknown option: \"{name}\" ('convatlas read --help' teaches; a file "
                f"of that name is ./{name})"
            )
    if json and csv:
        raise UsageError("--json and --csv: choose one")
    if threads is not None and threads < 1:
        raise UsageError(f"--threads {threads}: at least one")
    if listed and STDIN not in pictures:
        raise UsageError("--list: the names come on standard input; add -")
    from convatlas.cli.read_output import Form, show
    from convatlas.reading.many import read_each
    from convatlas.verbs import read as verb

    lengths = _digits(digits)
    wish = verb.checked_wish(lengths, min_confidence, boxes)
    opened = verb.open_reader(
        reader, run=run, finder=finder, whole=whole, digits=lengths, device=device
    )
    found: Iterable[Picture | LeftOut] = verb.named(
        _names(pictures, listed), recursive=recursive
    )
    if not listed:
        found = [*found]
    form: Form = "json" if json else "csv" if csv else "table"
    return show(read_each(opened, found, wish, threads), found, form)


def _names(pictures: Iterable[str], listed: bool) -> Iterator[str | Path | bytes]:
    """With what standard input holds in the place of ``-``."""
    import sys

    from convatlas.cli.standard_input import lines

    for name in pictures:
        if name != STDIN:
            yield name
        elif listed:
            yield from (Path(line) for line in lines() if line)
        else:
            if sys.stdin.isatty():
                raise UsageError(
                    "-: a picture was to come on standard input, which is the "
                    "keyboard: convatlas read - < photo.jpg"
                )
            yield sys.stdin.buffer.read()


def _digits(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    fewest, dash, most = text.partition("-")
    try:
        return int(fewest), int(most if dash else fewest)
    except ValueError:
        raise UsageError(
            f"--digits {text!r}: a count (3), or fewest and most (1-4)"
        ) from None
