"""What one process of one side was worth, and the row of its table."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.own_process import Finished
from benchmarks.peers.outcome import Outcome
from benchmarks.peers.task import Task


@dataclass(frozen=True)
class Row:
    """Of one process; all zeros and a fault where it failed."""

    images_per_second: float = 0.0
    seconds: float = 0.0
    megabytes: float = 0.0
    accuracy: float = 0.0
    version: str = ""
    how: str = ""
    fault: str = ""

    def __str__(self) -> str:
        return self.fault or (
            f"{self.images_per_second:,.0f} images/s, {self.seconds:.1f} s in all, "
            f"{self.megabytes:,.0f} MB, test accuracy {self.accuracy:.2%}"
        )


def row(finished: Finished, task: Task) -> Row:
    """From what the process said; another network or no timed epoch is a fault."""
    if finished.fault:
        return Row(fault=finished.fault)
    said = dict(finished.said)
    megabytes = said.pop("megabytes")
    outcome = Outcome(**said)
    if outcome.parameters != task.parameters:
        return Row(
            fault=f"{outcome.parameters:,} parameters instead of {task.parameters:,}"
        )
    if len(outcome.epochs) < 2:
        return Row(fault=f"{len(outcome.epochs)} epochs, of which the first warms up")
    return Row(
        images_per_second=outcome.images_per_second,
        seconds=finished.seconds,
        megabytes=megabytes,
        accuracy=outcome.accuracy,
        version=outcome.version,
        how=outcome.how,
    )


def middle(rows: Sequence[Row], what: str) -> float:
    """The median of one figure."""
    return float(median(getattr(row, what) for row in rows))


def lead(ours: Sequence[Row], theirs: Sequence[Row], what: str) -> float:
    """The median over the rounds of our figure divided by theirs."""
    pairs = zip(ours, theirs, strict=False)
    return median(getattr(a, what) / getattr(b, what) for a, b in pairs)
