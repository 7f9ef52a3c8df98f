"""Events for TensorBoard, where it is installed."""

from pathlib import Path
from typing import Any

from convatlas.errors import MissingExtra
from convatlas.training.records import EpochRecord


def summary_writer() -> Any:
    """The class that writes events.

    Raises:
        MissingExtra: TensorBoard is not installed.
    """
    try:
        from torch.utils.tensorboard.writer import SummaryWriter
    except ImportError:
        raise MissingExtra("--tensorboard", "tensorboard", "tensorboard") from None
    return SummaryWriter


class TensorBoardEvents:
    """Writes a training's epochs as scalars into a folder.

    Args:
        folder: made when the first epoch ends.

    Raises:
        MissingExtra: TensorBoard is not installed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._make = summary_writer()
        self._writer: Any = None

    def watch(self, event: object, state: object) -> None:
        """Takes every event of a training; only ends of epochs are written."""
        if not isinstance(event, EpochRecord):
            return
        if self._writer is None:
            self._writer = self._make(str(self._folder))
        scalars = {
            "loss/train": event.train_loss,
            "loss/validation": event.validation_loss,
            "accuracy/train": event.train_accuracy,
            "accuracy/validation": event.validation_accuracy,
            "learning rate": event.lr,
            "images per second": event.images_per_second,
        }
        for name, value in scalars.items():
            if value is not None:
                self._writer.add_scalar(name, value, event.epoch)
        self._writer.flush()
