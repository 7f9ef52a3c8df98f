"""A training, as far as it is known: one of this server, or a run that lies there."""

import asyncio
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from convatlas.looking import message
from convatlas.looking.message import LayerMaps
from convatlas.runs.files import HISTORY
from convatlas.runs.history import read_history
from convatlas.runs.info import RunInfo
from convatlas.serve.training.child import Child
from convatlas.serve.training.events import Log

State = Literal["starting", "training", "stopping", "stopped", "finished", "failed"]
ACTIVE = ("starting", "training", "stopping")


@dataclass
class Job:
    """A training, as far as it is known.

    Attributes:
        folder: the run directory; its name is the job's id.
        about: network, data, epochs and seed, and how far it is, as JSON.
        state: where it stands.
        log: what was told.
        run: id under which the run is served.
    """

    folder: Path
    about: dict[str, Any]
    state: State = "starting"
    log: Log = field(default_factory=Log)
    run: str | None = None
    child: Child | None = None
    task: asyncio.Task[None] | None = None

    @property
    def id(self) -> str:
        """Name of the run directory, chosen here."""
        return self.folder.name

    def to_json(self) -> dict[str, Any]:
        """An entry of ``/v1/train``."""
        return {"id": self.id, "state": self.state, "run": self.run, **self.about}

    def end(self, message: str | None = None) -> None:
        """Tells that it has ended, in which state, and why if it failed."""
        self.log.end(
            {
                "state": self.state,
                "run": self.run,
                "validation_accuracy": self.about["validation_accuracy"],
                "message": message,
            }
        )


def of_run(folder: Path, info: RunInfo) -> Job:
    """A training that some other process began, with its history as events."""
    history = read_history(folder / HISTORY)
    accuracies = [one.validation_accuracy or 0.0 for one in history]
    about = {
        "network": info.network["name"],
        "data": info.data["name"],
        "seed": info.seed,
        **so_far(info.recipe.epochs, info.started),
        "epoch": len(history),
        "validation_accuracy": max(accuracies, default=None),
    }
    job = Job(folder, about, "finished" if info.finished else "stopped")
    job.log.tell("state", job.to_json())
    for record in history:
        job.log.tell("epoch", asdict(record))
    job.end()
    return job


def so_far(epochs: float | None, started: str) -> dict[str, Any]:
    """How far a training is that has not begun."""
    return {
        "epochs": epochs,
        "started": started,
        "epoch": 0,
        "done": 0,
        "total": None,
        "validation_accuracy": None,
    }


def filters_message(event: dict[str, Any]) -> bytes:
    """The kernels as a maps message: a map for each slice."""
    kernels = np.array(event["values"], np.float32)
    out, into, height, width = kernels.shape
    slices = kernels.reshape(out * into, height, width)
    layer = LayerMaps(
        index=-1,
        name=event["layer"],
        operation="",
        kind="kernels",
        shape=(out * into, height, width),
        channel=tuple(range(out * into)),
        maps=slices,
        energy=tuple(float(one) for one in (slices**2).mean((1, 2))),
        signed=True,
        more={"out": out, "in": into, "epoch": event["epoch"]},
    )
    return message.write([layer])
