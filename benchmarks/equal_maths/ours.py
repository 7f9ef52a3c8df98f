"""convatlas on the same task, by its own verb."""

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from convatlas.cli import SPINS

os.environ.setdefault(*SPINS)  # as the command does, before torch is imported

from benchmarks.equal_maths.cases import Case, Precision
from convatlas.training.records import StepRecord
from convatlas.training.state import TrainingState
from convatlas.verbs.train import Event, train


class Enough(Exception):
    """As many steps as are timed are done."""


class Timing:
    """Notes when the timed steps begin and end, and leaves the training then."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self.steps = 0
        self.started = self.seconds = 0.0

    def watch(self, event: Event, state: TrainingState) -> None:
        """Called by ``train``."""
        if not isinstance(event, StepRecord):
            return
        self.steps += 1
        if self.steps == self.case.warm:
            self.started = perf_counter()
        if self.steps == self.case.warm + self.case.timed:
            self.seconds = perf_counter() - self.started
            raise Enough


def images_per_second(case: Case, data_dir: Path, precision: Precision) -> float:
    """Trains a fresh network for as many steps as the case times."""
    timing = Timing(case)
    with TemporaryDirectory() as folder:
        try:
            train(
                case.network,
                case.pictures.data,
                recipe=case.recipe(precision),
                device="cpu",
                input_size=case.size,
                out=Path(folder) / "run",
                data_dir=data_dir,
                watch=timing.watch,
            )
        except Enough:
            pass
    return case.timed * case.batch / timing.seconds
