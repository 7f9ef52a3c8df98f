"""How far a download or the decoding of pictures is, on one line of the terminal."""

from types import TracebackType
from typing import Self

from rich.progress import (
    BarColumn,
    DownloadColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)

from convatlas.cli.terminal import console


class DataProgress:
    """A bar for each job, gone when all are done; nothing where no terminal is.

    Give it as ``progress`` to ``convatlas.data.load``, inside a ``with``.
    """

    def __init__(self) -> None:
        self._console = console(errors=True)
        self._bars: dict[str, Progress] = {}
        self._jobs: dict[str, TaskID] = {}
        self._unit = ""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    def __call__(self, what: str, done: int, total: int, unit: str) -> None:
        """Takes note of how far a job is; ``convatlas.progress.Progress``."""
        if not self._console.is_terminal:
            return
        if unit != self._unit:
            self._stop()
            self._unit = unit
            self._bars[unit] = _new_bar(unit, self._console.width)
            self._bars[unit].start()
        bar = self._bars[unit]
        if what not in self._jobs:
            self._jobs[what] = bar.add_task(what, total=total or None)
        bar.update(self._jobs[what], completed=done, total=total or None)

    def _stop(self) -> None:
        for bar in self._bars.values():
            bar.stop()
        self._bars, self._jobs, self._unit = {}, {}, ""


def _new_bar(unit: str, width: int) -> Progress:
    counts: list[ProgressColumn] = [MofNCompleteColumn(), TextColumn(unit)]
    if unit == "bytes":
        counts = [DownloadColumn(), TransferSpeedColumn()]
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=min(width // 4, 40)),
        *counts,
        TimeRemainingColumn(),
        console=console(errors=True),
        transient=True,
    )
