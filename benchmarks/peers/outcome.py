"""What every side reports, and the clock that all of them carry."""

from dataclasses import dataclass, field
from time import perf_counter


@dataclass
class Clock:
    """Seconds of the training part of each epoch, data loading included."""

    epochs: list[float] = field(default_factory=list)
    _started: float = 0.0

    def start(self) -> None:
        """Before the first batch of an epoch is asked for."""
        self._started = perf_counter()

    def stop(self) -> None:
        """After the last step of an epoch."""
        self.epochs.append(perf_counter() - self._started)


@dataclass(frozen=True)
class Outcome:
    """Of one side in one process.

    Attributes:
        epochs: seconds of each epoch's training part.
        pictures: that an epoch trained on; a library may drop the last, smaller batch.
        accuracy: on the whole test split, after the last epoch.
        parameters: trainable ones.
        version: of the library.
        how: what the reader of the table should know.
    """

    epochs: list[float]
    pictures: int
    accuracy: float
    parameters: int
    version: str
    how: str

    @property
    def images_per_second(self) -> float:
        """Over all epochs but the first, which warms up."""
        timed = self.epochs[1:]
        return self.pictures * len(timed) / sum(timed)
