"""How long jobs of this room say how far they are."""

from typing import Protocol


class Progress(Protocol):
    """Called again and again while something is fetched, decoded or written."""

    def __call__(self, what: str, done: int, total: int, unit: str) -> None:
        """Takes note.

        Args:
            what: the job, e.g. ``"train-images-idx3-ubyte.gz"``; jobs follow each
                other.
            done: how much of it is done.
            total: how much there is; 0 when that is unknown.
            unit: ``"bytes"`` or ``"pictures"``.
        """


def silent(what: str, done: int, total: int, unit: str) -> None:
    """Says nothing."""
