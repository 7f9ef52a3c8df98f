"""All trainings by id: those started here, and runs that lie there already."""

import asyncio
import contextlib
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path
from typing import Any

from convatlas.errors import ConvatlasError, RunError
from convatlas.runs.files import CHECKPOINT, INFO, WEIGHTS
from convatlas.runs.info import read_info
from convatlas.runs.naming import free_path
from convatlas.serve.faults import Fault
from convatlas.serve.training.child import STOPPED, Child
from convatlas.serve.training.job import (
    ACTIVE,
    Job,
    State,
    filters_message,
    of_run,
    so_far,
)
from convatlas.serve.training.offer import Order

RETRY_SECONDS = 10  # after which another training may have ended
MOST_JOBS = 100  # that are listed, the newest first


class Jobs:
    """One training at a time; belongs to the event loop.

    Args:
        folder: that run directories are made in.
        data_dir: where data sets lie.
        serve: called with the directory of a run that has weights; returns the id
            under which it can be asked.
    """

    def __init__(
        self, folder: Path, data_dir: Path | None, serve: Callable[[Path], str]
    ) -> None:
        self._folder = folder
        self._data_dir = data_dir
        self._serve = serve
        self._jobs: dict[str, Job] = {}
        self._closing = False

    def listed(self) -> list[Job]:
        """The newest first."""
        self._find_others()
        newest = sorted(
            self._jobs.values(), key=lambda job: job.about["started"], reverse=True
        )
        return newest[:MOST_JOBS]

    def job(self, id: str) -> Job:
        """A job by its id.

        Raises:
            Fault: 404, there is none.
        """
        if id not in self._jobs:
            self._find_others()
        if id not in self._jobs:
            raise Fault(404, "job_unknown", f"no training is called {id!r}")
        return self._jobs[id]

    def start(self, order: Order, now: str) -> Job:
        """Begins a training.

        Args:
            order: checked against the offer.
            now: the time, ISO 8601.

        Raises:
            Fault: 429, another one is at work.
        """
        self._refuse_a_second()
        folder = self._free(f"{order.network}-{order.data}")
        about = {
            "network": order.network,
            "data": order.data,
            "seed": order.seed,
            **so_far(order.epochs, now),
        }
        job = Job(folder, about)
        self._jobs[job.id] = job
        arguments = [order.network, "--data", order.data, "--seed", str(order.seed)]
        self._run(job, [*arguments, "--out", str(folder), *order.flags()])
        return job

    def resume(self, id: str) -> Job:
        """Goes on with a training that was stopped.

        Raises:
            Fault: 404, there is none; 422, it has nothing left to do; 429, another one
                is at work.
        """
        job = self.job(id)
        self._refuse_a_second()
        if job.state == "finished" or not (job.folder / CHECKPOINT).is_file():
            why = "is finished" if job.state == "finished" else "never saved anything"
            raise Fault(422, "not_resumable", f"{id} {why}; start a new training")
        job.state = "starting"
        self._run(job, ["--resume", str(job.folder)])
        return job

    def stop(self, id: str) -> Job:
        """Asks a training to save and end.

        Raises:
            Fault: 404, there is none; 422, it has ended.
        """
        job = self.job(id)
        if job.state not in ACTIVE or job.child is None:
            raise Fault(422, "not_running", f"{id} is {job.state} already")
        self._change(job, "stopping")
        job.child.stop()
        return job

    async def close(self) -> None:
        """Stops what runs, so that it can be resumed, and waits for it."""
        self._closing = True
        for job in self._jobs.values():
            if job.task is not None and not job.task.done():
                if job.child is not None:
                    await job.child.end()
                with contextlib.suppress(asyncio.CancelledError):
                    await job.task

    def _free(self, stem: str) -> Path:
        """A directory that is not there, nor was meant to be there by a failed job."""
        folder = free_path(self._folder, stem)
        number = int(folder.name.removeprefix(f"{stem}-"))
        while f"{stem}-{number}" in self._jobs:
            number += 1
        return self._folder / f"{stem}-{number}"

    def _refuse_a_second(self) -> None:
        busy = next((j.id for j in self._jobs.values() if j.state in ACTIVE), None)
        if busy is not None:
            raise Fault(
                429,
                "training_already",
                f"{busy} is being trained; one at a time: wait for it, or stop it",
                RETRY_SECONDS,
            )

    def _run(self, job: Job, arguments: list[str]) -> None:
        if self._data_dir is not None:
            arguments += ["--data-dir", str(self._data_dir)]
        job.log.begin()
        self._change(job, "starting")
        job.child = Child(arguments)
        job.task = asyncio.get_running_loop().create_task(self._attend(job, job.child))

    async def _attend(self, job: Job, child: Child) -> None:
        """Passes on what the child says until it ends."""
        complaint = ""
        try:
            await child.start()
            async for event in child.events():
                self._hear(job, event)
            complaint = child.complaint
        except (OSError, ValueError) as error:
            complaint = str(error)
        finally:
            await child.end()
            self._ended(job, child, complaint)

    def _hear(self, job: Job, event: dict[str, Any]) -> None:
        name = event.pop("event")
        if name == "started":
            job.about |= {"epochs": event["epochs"], "total": event["steps"]}
            job.about["done"] = event["steps_done"]
            if job.state == "starting":
                self._change(job, "training", event)
        elif name == "step":
            job.about |= {"done": event["done"], "total": event["total"]}
            job.log.tell("step", event)
        elif name == "epoch":
            best = max(
                job.about["validation_accuracy"] or 0.0,
                event["validation_accuracy"] or 0.0,
            )
            job.about |= {"epoch": event["epoch"], "validation_accuracy": best}
            job.log.tell("epoch", event)
        elif name == "filters":
            job.log.tell("filters", b64encode(filters_message(event)).decode())
        elif name == "mistakes":
            job.log.tell("mistakes", event["worst"])
        elif name == "warning":
            job.log.tell("warning", event)

    def _ended(self, job: Job, child: Child, complaint: str) -> None:
        finished = child.status == 0
        job.state = "finished" if finished else "failed"
        if child.status in STOPPED:
            job.state = "stopped"
        if (job.folder / WEIGHTS).is_file() and not self._closing:
            try:
                job.run = self._serve(job.folder)
            except ConvatlasError as error:
                complaint = complaint or str(error)
        if job.state == "failed" and not complaint:
            complaint = f"the training ended early (status {child.status})"
        job.end(complaint if job.state == "failed" else None)

    def _change(
        self, job: Job, state: State, more: dict[str, Any] | None = None
    ) -> None:
        job.state = state
        job.log.tell("state", {**(more or {}), **job.to_json()})

    def _find_others(self) -> None:
        """Runs in the folder that were not started by this server."""
        if not self._folder.is_dir():
            return
        for path in self._folder.iterdir():
            if path.name not in self._jobs and (path / INFO).is_file():
                with contextlib.suppress(RunError):
                    self._jobs[path.name] = of_run(path, read_info(path))
