"""A training as lines of JSON, for a program to follow: ``train --progress jsonl``.

Every line is an object with ``"event"``; more may come to each in later versions:

========== ====================================================================
started    run, network, data, recipe, seed, parameters, train, validation, steps,
           steps_done, epochs, notes
step       epoch, step, steps (of the epoch), done, total (of the training), loss,
           accuracy, lr, images_per_second; at most ten a second
epoch      a row of ``history.csv``
filters    epoch, layer, shape and values of the first convolution's kernels (nested
           lists; the first 64 kernels)
mistakes   epoch, count, of, worst: the pictures of the validation split that are
           taken for another class, the surest first: png, index, label, answer,
           probability; not where numbers are read
warning    message
ended      run, best (epoch), validation_accuracy, stopped (whether by a signal)
========== ====================================================================
"""

import json
import sys
from dataclasses import asdict
from math import isfinite
from time import monotonic
from typing import Any

from convatlas.png import as_data_uri
from convatlas.preparation import Prepared
from convatlas.training.records import EpochRecord, StepRecord
from convatlas.training.state import TrainingState
from convatlas.verbs.epoch_looks import first_filters, mistakes
from convatlas.verbs.train import Event, Started, Trained, Warned

STEP_SECONDS = 0.1  # between two lines of steps
MOST_MISTAKES = 24
MOST_FILTERS = 64
DIGITS = 5  # of a weight


class TrainingLines:
    """Writes the events of a training to standard output, a line each."""

    def __init__(self) -> None:
        self._told = float("-inf")
        self._done = self._total = 0
        self._prepared: Prepared | None = None

    def watch(self, event: Event, state: TrainingState) -> None:
        """To be passed to ``train``."""
        if isinstance(event, Started):
            self._begin(event)
        elif isinstance(event, StepRecord):
            self._step(event, state)
        elif isinstance(event, EpochRecord):
            _tell("epoch", asdict(event))
            self._look(event.epoch, state)
        elif isinstance(event, Warned):
            _tell("warning", {"message": event.message})

    def ended(self, trained: Trained) -> None:
        """After the training, whole or stopped."""
        best = trained.best
        _tell(
            "ended",
            {
                "run": str(trained.run.path),
                "best": None if best is None else best.epoch,
                "validation_accuracy": (
                    None if best is None else best.validation_accuracy
                ),
                "stopped": trained.stopped_by is not None,
            },
        )

    def _begin(self, event: Started) -> None:
        info = event.run.info
        self._prepared = event.prepared
        self._done, self._total = event.steps_done, event.steps
        _tell(
            "started",
            {
                "run": str(event.run.path),
                "network": info.network["name"],
                "data": info.data["name"],
                "recipe": event.recipe_name,
                "seed": info.seed,
                "parameters": event.parameters,
                "train": info.data["train"],
                "validation": info.data["validation"],
                "epochs": info.recipe.epochs,
                "steps": event.steps,
                "steps_done": event.steps_done,
                "notes": list(event.notes),
            },
        )

    def _step(self, event: StepRecord, state: TrainingState) -> None:
        self._done += 1
        now = monotonic()
        if now - self._told < STEP_SECONDS and event.step < event.steps:
            return
        self._told = now
        loss, accuracy = state.running
        _tell(
            "step",
            {
                **asdict(event),
                "done": self._done,
                "total": self._total,
                "loss": loss,
                "accuracy": accuracy,
                "images_per_second": state.position.seen
                / max(state.position.seconds, 1e-9),
            },
        )

    def _look(self, epoch: int, state: TrainingState) -> None:
        found = first_filters(state.chosen)
        if found is not None:
            layer, kernels = found[0], found[1][:MOST_FILTERS]
            values = kernels.double().numpy().round(DIGITS).tolist()
            shape = list(kernels.shape)
            _tell(
                "filters",
                {"epoch": epoch, "layer": layer, "shape": shape, "values": values},
            )
        assert self._prepared is not None
        wrong = mistakes(self._prepared, state.chosen, MOST_MISTAKES)
        if wrong is not None:
            worst = [
                {
                    "png": as_data_uri(one.image),
                    "index": one.index,
                    "label": one.label,
                    "answer": one.answer,
                    "probability": round(one.probability, DIGITS),
                }
                for one in wrong.worst
            ]
            of = {"count": wrong.count, "of": wrong.of}
            _tell("mistakes", {"epoch": epoch, **of, "worst": worst})


def _tell(event: str, values: dict[str, Any]) -> None:
    line = json.dumps({"event": event, **_finite(values)}, ensure_ascii=False)
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _finite(values: dict[str, Any]) -> dict[str, Any]:
    """JSON knows neither NaN nor infinity."""
    return {
        key: None if isinstance(value, float) and not isfinite(value) else value
        for key, value in values.items()
    }
