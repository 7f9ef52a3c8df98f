"""The pictures of a split as a network gets to see them, a batch at a time."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import torch
from torch import Tensor

from convatlas.importance.batches import at_once
from convatlas.progress import Progress, silent

MOST = 250  # at a time


@dataclass(frozen=True)
class Pictures:
    """Pictures that are fetched when they are needed, so that memory stays flat.

    Attributes:
        name: of the data set and its split, e.g. ``"digits-5k, validation"``.
        count: of the pictures.
        seen: rows (int64) to pictures as the network gets to see them: N C H W, uint8,
            in the size of its input.
        normalise: from such pictures to what the network takes.
        labels: in words, one a picture; none where nobody has told them.
    """

    name: str
    count: int
    seen: Callable[[Tensor], Tensor]
    normalise: Callable[[Tensor], Tensor]
    labels: tuple[str, ...] = ()

    def label(self, row: int) -> str:
        """In words; empty where nobody has told it."""
        return self.labels[row] if self.labels else ""

    def one(self, row: int) -> Tensor:
        """C H W, uint8."""
        return self.seen(torch.tensor([row]))[0]

    def batches(
        self,
        rows: Tensor | None = None,
        progress: Progress = silent,
        what: str = "pictures",
    ) -> Iterator[tuple[Tensor, Tensor]]:
        """Rows and what the network takes of them.

        Args:
            rows: which pictures, in this order; all when None.
            progress: told how many are done.
            what: the job.
        """
        chosen = torch.arange(self.count) if rows is None else rows
        done, size = 0, 1
        if len(chosen):
            size = at_once(self.one(int(chosen[0])).numel(), MOST)
        for part in torch.split(chosen, size):
            yield part, self.normalise(self.seen(part))
            done += len(part)
            progress(what, done, len(chosen), "pictures")
