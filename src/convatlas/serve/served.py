"""What the routes share: the subjects by id, the limits, the threads."""

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Annotated, ParamSpec, TypeVar

from fastapi import Depends, Request

from convatlas.serve.faults import Fault, busy
from convatlas.serve.models import Models
from convatlas.serve.settings import Settings
from convatlas.serve.subjects import Subject, subject_of

MOST_WAITING = 16  # for torch, one after the other

P = ParamSpec("P")
T = TypeVar("T")


class Served:
    """Made once, before the first request; its methods belong to the event loop.

    Args:
        settings: of the server.
        subjects: that are served, the one that answers by default first.

    Attributes:
        subjects: by id; a request's id is only ever looked up here.
        default: id of the run that is asked where a request names none.
        models: the ONNX networks that predict and read.
        stopping: set when the server begins to shut down; what streams then ends.
    """

    def __init__(self, settings: Settings, subjects: list[Subject]) -> None:
        self.settings = settings
        self.subjects = {subject.id: subject for subject in subjects}
        self.default = subjects[0].id
        self.stopping = asyncio.Event()
        self._torch = ThreadPoolExecutor(1, "torch")
        self._pictures = ThreadPoolExecutor(os.cpu_count() or 1, "pictures")
        self.models = Models(settings, self._pictures)
        self._waiting = 0

    def subject(self, id: str | None = None) -> Subject:
        """A run or reader by its id; the default one by None.

        Raises:
            Fault: 404, none has this id.
        """
        found = self.subjects.get(self.default if id is None else id)
        if found is None:
            ids = ", ".join(self.subjects)
            raise Fault(
                404, "run_unknown", f"no run is served as {id!r}; there are {ids}"
            )
        return found

    def run(self, id: str | None = None) -> Subject:
        """A run by its id.

        Raises:
            Fault: 404, none has this id; 422, it is a reader of two ONNX files.
        """
        subject = self.subject(id)
        if subject.info is None:
            raise Fault(
                422,
                "not_a_run",
                f"{subject.id} is a reader made of ONNX files, which cannot be looked "
                "into; name a run",
            )
        return subject

    def add(self, folder: Path) -> Subject:
        """Serves one more run, e.g. one that was just trained.

        Raises:
            RunError: none is there.
        """
        subject = subject_of(folder, self.subjects)
        self.subjects[subject.id] = subject
        self.models.open(subject)
        return subject

    def open(self) -> None:
        """Makes the models ready, at once or in the background."""
        for subject in self.subjects.values():
            self.models.open(subject)

    async def with_torch(
        self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Runs what needs torch, in the one thread for it.

        Raises:
            Fault: 503, too much waits already.
        """
        if self._waiting >= MOST_WAITING:
            raise busy(f"{MOST_WAITING} requests wait for PyTorch; come back")
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(
                self._torch, lambda: function(*args, **kwargs)
            )
        finally:
            self._waiting -= 1

    async def in_thread(
        self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """Runs what takes longer than some milliseconds and needs no torch."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(
            self._pictures, lambda: function(*args, **kwargs)
        )

    def close(self) -> None:
        """Waits for what was begun; stops what is only being prepared."""
        self.models.close()
        self._torch.shutdown()
        self._pictures.shutdown()


async def _served(request: Request) -> Served:
    served: Served = request.app.state.served
    return served


# of a route's argument: ``async def route(served: State)``
State = Annotated[Served, Depends(_served)]
