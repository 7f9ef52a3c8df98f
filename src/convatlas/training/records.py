"""What the training loop yields; needs no torch, so that a history is read at once."""

from dataclasses import dataclass


@dataclass(frozen=True)
class StepRecord:
    """After an optimizer step; the state may be saved, or the training left, here.

    ``epoch`` counts from 1, ``step`` from 1 within the epoch, which has ``steps``.
    """

    epoch: int
    step: int
    steps: int
    lr: float


@dataclass(frozen=True)
class EpochRecord:
    """After an epoch: a row of ``history.csv``.

    Training figures are means over the epoch's steps (with dropout and augmentation,
    of weights that still moved); validation figures are of the epoch's end.
    ``seconds`` is the time of the steps, without validation; ``best`` says that the
    weights were kept, as those of the best epoch so far or as the last ones.
    """

    epoch: int
    train_loss: float
    train_accuracy: float
    validation_loss: float | None
    validation_accuracy: float | None
    lr: float
    seconds: float
    images_per_second: float
    best: bool
