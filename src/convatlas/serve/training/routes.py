"""``/v1/train``: trainings that a page starts, watches, stops and resumes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path as FilePath
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Header, Path, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel

from convatlas.runs.info import read_info
from convatlas.serve import data_sets
from convatlas.serve.faults import Fault, busy
from convatlas.serve.served import Served
from convatlas.serve.served import State as ServedState
from convatlas.serve.subjects import Subject
from convatlas.serve.training import offer
from convatlas.serve.training.job import State
from convatlas.serve.training.jobs import Jobs
from convatlas.serve.training.offer import Order

MOST_STREAMS = 32
EVENTS = "text/event-stream"


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    yield
    if hasattr(app.state, "jobs"):
        await app.state.jobs.close()


router = APIRouter(tags=["train"], lifespan=_lifespan)


class JobShown(BaseModel):
    """A training; ``run`` is the id under which its network can be asked."""

    id: str
    state: State
    run: str | None
    network: str
    data: str
    epochs: float | None
    seed: int
    epoch: int
    done: int
    total: int | None
    validation_accuracy: float | None
    started: str


class Offer(BaseModel):
    """What may be trained here, and what is or was."""

    allowed: bool
    networks: list[str]
    data: list[str]
    jobs: list[JobShown]


class Began(BaseModel):
    """The id of a training."""

    id: str


async def _jobs(request: Request) -> Jobs:
    """Made by the first request that may.

    Raises:
        Fault: 403, the server was started without leave to train.
    """
    state = request.app.state
    served: Served = state.served
    if not served.settings.allow_train:
        raise Fault(
            403,
            "training_off",
            "this server trains nothing; start it with --allow-train",
        )
    if not hasattr(state, "jobs"):
        settings = served.settings
        state.jobs = Jobs(
            settings.runs_folder, settings.data_dir, lambda path: _serve(served, path)
        )
        state.streams = 0
    jobs: Jobs = state.jobs
    return jobs


Trainings = Annotated[Jobs, Depends(_jobs)]
JobId = Annotated[
    str, Path(description="of a training", examples=["lenet5-tanh-digits-5k-1"])
]


@router.get("/v1/train")
async def train(request: Request, served: ServedState) -> Offer:
    """What may be trained here, what is being trained, and earlier runs."""
    if not served.settings.allow_train:
        return Offer(allowed=False, networks=[], data=[], jobs=[])
    jobs = [JobShown(**job.to_json()) for job in (await _jobs(request)).listed()]
    data = await served.in_thread(data_sets.at_hand, served.settings.data_dir)
    return Offer(allowed=True, networks=offer.networks(), data=list(data), jobs=jobs)


@router.post("/v1/train", status_code=202)
async def start(order: Order, served: ServedState, jobs: Trainings) -> Began:
    """Starts a training; there can be one at a time."""
    data = await served.in_thread(data_sets.at_hand, served.settings.data_dir)
    offer.check(order, list(data))
    now = datetime.now(UTC).isoformat(timespec="seconds")
    return Began(id=jobs.start(order, now).id)


@router.get(
    "/v1/train/{id}/events",
    response_class=StreamingResponse,
    responses={
        200: {"content": {EVENTS: {"schema": {"type": "string"}}}},
        204: {"description": "all was told, and the training has ended"},
    },
)
async def events(
    request: Request,
    served: ServedState,
    jobs: Trainings,
    id: JobId,
    last_event_id: Annotated[str, Header(max_length=20)] = "",
) -> Response:
    """Server-sent events: state, step, epoch, filters, mistakes, warning, end."""
    job, state = jobs.job(id), request.app.state
    heard = int(last_event_id) if last_event_id.isdecimal() else 0
    if not job.log.open and heard >= job.log.last:
        return Response(status_code=204)
    if state.streams >= MOST_STREAMS:
        raise busy(f"{MOST_STREAMS} pages watch trainings already")

    async def stream() -> AsyncIterator[bytes]:
        state.streams += 1
        try:
            async for frame in job.log.follow(heard, served.stopping):
                yield frame
        finally:
            state.streams -= 1

    headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
    return StreamingResponse(stream(), media_type=EVENTS, headers=headers)


@router.post("/v1/train/{id}/stop", status_code=202)
async def stop(jobs: Trainings, id: JobId) -> Began:
    """Asks a training to save and end; it can be resumed bit for bit."""
    return Began(id=jobs.stop(id).id)


@router.post("/v1/train/{id}/resume", status_code=202)
async def resume(jobs: Trainings, id: JobId) -> Began:
    """Goes on with a training that was stopped."""
    return Began(id=jobs.resume(id).id)


def _serve(served: Served, folder: FilePath) -> str:
    """Makes a run answer requests, with the weights that it has now."""
    here = folder.resolve()
    for id, subject in served.subjects.items():
        if subject.info is not None and subject.folder.resolve() == here:
            fresh = Subject(id, folder, subject.built_in, read_info(folder))
            served.subjects[id] = fresh
            served.models.open(fresh)
            return id
    return served.add(folder).id
