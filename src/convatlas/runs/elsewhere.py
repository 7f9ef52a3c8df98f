"""A run that another process keeps."""

from pathlib import Path
from typing import Any

from torch import nn

from convatlas.runs.info import RunInfo
from convatlas.runs.run import Run
from convatlas.training.records import EpochRecord


class RunElsewhere(Run):
    """What it is about is known here; its directory, which may lie on another machine,
    is neither read nor written.

    Args:
        path: of the directory, where it is.
        info: as the process that keeps it has it.
    """

    def __init__(self, path: Path, info: RunInfo) -> None:
        self.path = path
        self.info = info

    @property
    def has_checkpoint(self) -> bool:
        return False

    def update(self, info: RunInfo) -> None:
        self.info = info

    def save_best(self, network: nn.Module) -> None:
        pass

    def save_checkpoint(self, state: dict[str, Any]) -> None:
        pass

    def append_history(self, record: EpochRecord) -> None:
        pass

    def history(self) -> list[EpochRecord]:
        return []
