"""convatlas: ``train``, then ``evaluate``, as its README does it.

5,000 training pictures more lie on disk for it, which it holds out to choose the best
epoch by; that choice and the run directory belong to the whole process.
"""

import os
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from convatlas.cli import SPINS

os.environ.setdefault(*SPINS)  # as the command does, before torch is imported

from benchmarks.peers.outcome import Clock, Outcome
from benchmarks.peers.task import Task
from convatlas.networks import build
from convatlas.recipe import Recipe
from convatlas.training.records import StepRecord
from convatlas.training.state import TrainingState
from convatlas.verbs.evaluate import evaluate
from convatlas.verbs.train import Event, train


class Timing(Clock):
    """Starts and stops with the steps of an epoch."""

    def watch(self, event: Event, state: TrainingState) -> None:
        """Called by ``train`` before the first step, after steps and after epochs."""
        if not isinstance(event, StepRecord):
            self.start()
        elif event.step == event.steps:
            self.stop()


def run(task: Task, root: Path, precision: str = "float32") -> Outcome:
    """Trains and tests; what the task leaves open is what a recipe begins with."""
    recipe = Recipe(
        epochs=task.epochs,
        batch_size=task.batch,
        optimizer="sgd",
        momentum=0,
        lr=task.lr,
        schedule="constant",
        precision=precision,
    )
    timing = Timing()
    with TemporaryDirectory() as folder:
        trained = train(
            task.network,
            task.pictures.data,
            recipe=recipe,
            input_size=(task.size, task.size),
            out=Path(folder) / "run",
            data_dir=root,
            watch=timing.watch,
        )
        evaluation = evaluate(trained.run, data_dir=root).evaluation
        precision = trained.run.info.recipe.precision
    network = build(task.network, input_size=(task.size, task.size))
    return Outcome(
        epochs=timing.epochs,
        pictures=task.count,
        accuracy=evaluation.accuracy,
        parameters=sum(p.numel() for p in network.parameters()),
        version=version("convatlas"),
        how=precision,
    )


def automatic(task: Task, root: Path) -> Outcome:
    """With ``--precision auto``."""
    return run(task, root, "auto")
