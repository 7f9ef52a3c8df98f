"""The processes that train together, and the share that each has of a batch.

``Group`` is one process alone, which has all of it; ``distributed.py`` has more.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor, nn

from convatlas.training.examples import Augmentation, Examples

T = TypeVar("T")


@dataclass(frozen=True)
class Share:
    """What one process does of a batch.

    Attributes:
        rows: its pictures.
        count: of the batch's pictures; the share's mean loss is multiplied with this
            in the batch's sum of losses (0 where another process counts the same).
        scale: of the share's mean loss, so that the mean of all processes' gradients
            is the gradient of the batch's mean loss.
        whole: whether the process has all pictures of the batch.
    """

    rows: slice
    count: float
    scale: float = 1.0
    whole: bool = True

    @classmethod
    def of(
        cls, rank: int, size: int, count: int, worth: Tensor | None = None
    ) -> "Share":
        """An equal part for each of ``size`` processes.

        Fewer than two pictures a process are done by all alike, since batch norm
        cannot take a batch of one.

        Args:
            rank: of the process.
            size: number of processes.
            count: pictures of the batch.
            worth: see ``Group.share_of``.
        """
        if count < 2 * size:
            return cls(slice(0, count), 0.0 if rank else float(count))
        each, more = divmod(count, size)
        start = rank * each + min(rank, more)
        rows = slice(start, start + each + (rank < more))
        part = (rows.stop - rows.start) / count
        if worth is not None:
            part = float(worth[rows].sum() / worth.sum())
        return cls(rows, part * count, part * size, whole=size == 1)

    def taken(
        self,
        train: Examples,
        part: Tensor,
        augmentation: Augmentation | None,
        generator: torch.Generator,
    ) -> Examples:
        """The share's examples, changed as the whole batch's would be.

        Args:
            train: where they are taken from.
            part: indices of the whole batch.
            augmentation: one that offers ``of_share`` works on the share alone; any
                other one on the whole batch, of which the share is kept.
            generator: stands afterwards where the whole batch leaves it.
        """
        if augmentation is None:
            return train.taken(part[self.rows])
        if self.whole:
            return augmentation(train.taken(part), generator)
        of_share = getattr(augmentation, "of_share", None)
        if of_share is None:
            return augmentation(train.taken(part), generator).taken(self.rows)
        batch = train.taken(part[self.rows])
        changed: Examples = of_share(batch, generator, self.rows.start, len(part))
        return changed


class Runner:
    """Calls functions of a network whose gradients are wanted."""

    def __init__(self, network: nn.Module) -> None:
        self.network = network

    def __call__(self, function: Callable[..., T], *arguments: Any) -> T:
        """``function(network, *arguments)``."""
        return function(self.network, *arguments)

    @contextmanager
    def part(self, share: Share, last: bool) -> Iterator[None]:
        """Around the call and its backward pass.

        Args:
            share: what the call is made for.
            last: whether the optimizer steps after this part.
        """
        yield


class Group:
    """One process that trains alone.

    Attributes:
        rank: of this process, from 0.
        size: number of processes.
        device: that this process computes on, for ``machine.choose_device``.
        note: what is worth saying about it; empty when alone.
        fragile: whether processes may end and start again at any time, so that every
            epoch is worth a checkpoint.
    """

    rank = 0
    size = 1
    fragile = False

    def __init__(self, device: str = "auto", note: str = "") -> None:
        self.device = device
        self.note = note

    @property
    def leads(self) -> bool:
        """Whether this process writes the run and speaks with the user."""
        return self.rank == 0

    def share_of(self, count: int, worth: Tensor | None = None) -> Share:
        """What this process does of a batch.

        Args:
            count: pictures of the whole batch.
            worth: of each of them in a weighted mean loss; all the same if None.
        """
        return Share(slice(0, count), float(count))

    def synchronised(self, network: nn.Module) -> None:
        """Lets batch norms see the batches of all processes."""

    def runner(self, network: nn.Module) -> Runner:
        """What calls the network in a training step; built after the optimizer."""
        return Runner(network)

    def reseed(self, seed: int, epoch: int, step: int) -> None:
        """Makes torch's random numbers depend on the step and on the process."""

    def total(self, values: Tensor) -> Tensor:
        """The sum over all processes."""
        return values

    def highest(self, value: int) -> int:
        """The largest of all processes' values."""
        return value

    def shared(self, value: Any) -> Any:
        """The value of the process that leads, which may take hours to find it."""
        return value

    def meet(self) -> None:
        """Waits until all processes are here, for hours if need be."""

    def align(self, network: nn.Module) -> None:
        """Gives all processes the buffers of the one that leads."""

    def answers(
        self, batches: Sequence[Tensor], answer: Callable[[Tensor], Tensor]
    ) -> list[Tensor]:
        """The answer to each batch, in their order; each is computed once."""
        return [answer(batch) for batch in batches]

    def remember(self, name: str, value: str) -> None:
        """Keeps a value for processes that are started again after a failure."""

    def recalled(self, name: str) -> str | None:
        """What processes before this one asked to remember, if they failed."""
        return None


ALONE = Group()
