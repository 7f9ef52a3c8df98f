"""What ``convatlas read`` prints, picture by picture: what was printed is kept."""

import csv
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from json import dumps
from typing import Any, Literal, Protocol

from rich.cells import cell_len, set_cell_size
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from convatlas.cli.terminal import console
from convatlas.reading.many import LeftOut, Picture, PictureRead

Form = Literal["table", "json", "csv"]
NARROWEST, WIDEST = 12, 60  # columns for a file's name
MANY = 8  # pictures; fewer are read before a bar is looked at
NOT_SAID = "-"
COLUMNS = ("file", "number", "confidence", "left", "top", "right", "bottom")


def show(
    results: Iterable[PictureRead | LeftOut],
    found: Iterable[Picture | LeftOut],
    form: Form,
) -> int:
    """Prints each result as it comes; the exit status.

    Args:
        results: of the pictures, in order.
        found: the pictures; their number and names are looked at if it is a list.
        form: of the output.
    """
    known = found if isinstance(found, list) else []
    write = _WRITERS[form](known)
    read, failed = 0, 0
    with _bar(len(known)) as step:
        for result in results:
            if isinstance(result, PictureRead):
                write(result)
                read += 1
            else:
                step.say(result.reason)
                failed += 1
            step.on()
    if not failed:
        return 0
    return 1 if read else 2


class _Table:
    """Columns of fixed width, since rows come one by one."""

    def __init__(self, known: list[Picture | LeftOut]) -> None:
        names = [cell_len(_name(one)) for one in known]
        self._width = min(max([NARROWEST, *names]), WIDEST)
        self._started = False

    def __call__(self, one: PictureRead) -> None:
        out = console()
        if not self._started:
            head = f"{'':{self._width}}  number   sure   time  digits"
            out.print(head, style="dim", markup=False)
            self._started = True
        name = one.file
        if cell_len(name) < self._width:
            name = set_cell_size(name, self._width)
        number = NOT_SAID if one.number is None else one.number or "none"
        digits = " ".join(f"{share:.0%}" for share in one.digits)
        row = (
            f"{name}  {number:>6}  {one.confidence:>5.1%}  {_time(one.seconds):>5}  "
            f"{digits}"
        )
        out.print(row.rstrip(), markup=False)
        sys.stdout.flush()


class _Json:
    def __init__(self, known: list[Picture | LeftOut]) -> None:
        pass

    def __call__(self, one: PictureRead) -> None:
        print(dumps(plain(one), ensure_ascii=False), flush=True)


class _Csv:
    def __init__(self, known: list[Picture | LeftOut]) -> None:
        self._writer = csv.writer(sys.stdout, lineterminator="\n")
        self._writer.writerow(COLUMNS)

    def __call__(self, one: PictureRead) -> None:
        number = NOT_SAID if one.number is None else one.number
        self._writer.writerow([one.file, number, f"{one.confidence:.6f}", *one.box])
        sys.stdout.flush()


_WRITERS: dict[Form, Any] = {"table": _Table, "json": _Json, "csv": _Csv}


def plain(one: PictureRead) -> dict[str, Any]:
    """A result as JSON has it; ``number`` is null where none is said."""
    values: dict[str, Any] = {
        "file": one.file,
        "number": one.number,
        "confidence": round(one.confidence, 6),
        "digits": [round(share, 6) for share in one.digits],
        "box": list(one.box),
        "width": one.width,
        "height": one.height,
        "milliseconds": round(1000 * one.seconds, 2),
    }
    if one.drawn is not None:
        values["drawn"] = str(one.drawn)
    return values


class _Step(Protocol):
    def on(self) -> None:
        """One picture more."""

    def say(self, reason: str) -> None:
        """A line on standard error."""


class _NoBar:
    def on(self) -> None:
        pass

    def say(self, reason: str) -> None:
        print(f"convatlas: {reason}", file=sys.stderr, flush=True)


class _Bar:
    def __init__(self, bar: Progress, count: int) -> None:
        self._bar = bar
        self._task = bar.add_task("", total=count)

    def on(self) -> None:
        self._bar.advance(self._task)

    def say(self, reason: str) -> None:
        self._bar.console.print(f"convatlas: {reason}", markup=False)


@contextmanager
def _bar(count: int) -> Iterator[_Step]:
    """A bar where the rows themselves are not seen on the same terminal."""
    errors = console(errors=True)
    if count < MANY or sys.stdout.isatty() or not errors.is_terminal:
        yield _NoBar()
        return
    with Progress(
        BarColumn(bar_width=40),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=errors,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    ) as bar:
        yield _Bar(bar, count)


def _name(one: Picture | LeftOut) -> str:
    return "" if isinstance(one, (bytes, LeftOut)) else str(one)


def _time(seconds: float) -> str:
    return f"{seconds:.1f}s" if seconds >= 1 else f"{1000 * seconds:.0f}ms"
