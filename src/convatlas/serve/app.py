"""All routes of the server under one guard."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from importlib.util import find_spec

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from convatlas.errors import ConvatlasError
from convatlas.serve import health, metrics, predict, read, runs
from convatlas.serve.faults import Fault, fault_of, fault_of_status
from convatlas.serve.guard import Guard
from convatlas.serve.metrics import Metrics
from convatlas.serve.page_files import PageFiles
from convatlas.serve.served import Served
from convatlas.serve.settings import Settings
from convatlas.serve.subjects import Subject


def create_app(settings: Settings, subjects: list[Subject]) -> Guard:
    """The server's application.

    Args:
        settings: how it behaves.
        subjects: what it serves, the one that answers by default first.
    """

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.served.open()
        yield
        app.state.served.close()

    app = FastAPI(
        title="convatlas",
        summary="Classify, read and look inside.",
        version=version("convatlas"),
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.served = Served(settings, subjects)
    app.state.metrics = Metrics()
    for part in (predict, read, runs, health, metrics):
        app.include_router(part.router)
    for name in ("inside.routes", "atlas", "training.routes"):
        _include(app, f"convatlas.serve.{name}")
    app.router.routes.append(
        Route("/{path:path}", PageFiles().send, include_in_schema=False)
    )
    _answer_faults(app)
    return Guard(app, settings, {("POST", "/v1/predict"): predict.predict})


def _include(app: FastAPI, module: str) -> None:
    from importlib import import_module

    try:
        if find_spec(module) is None:
            return
    except ModuleNotFoundError:
        return
    app.include_router(import_module(module).router)


def _answer_faults(app: FastAPI) -> None:
    @app.exception_handler(Fault)
    async def fault(_: Request, error: Fault) -> Response:
        return error.response()

    @app.exception_handler(ConvatlasError)
    async def of_the_package(_: Request, error: ConvatlasError) -> Response:
        return fault_of(error).response()

    @app.exception_handler(RequestValidationError)
    async def invalid(_: Request, error: RequestValidationError) -> Response:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        given = first.get("input")
        said = f" = {given!r:.80}" if isinstance(given, (str, int, float)) else ""
        message = f"{where}{said}: {first['msg'][:1].lower()}{first['msg'][1:]}"
        return Fault(422, "value_invalid", message).response()

    @app.exception_handler(HTTPException)
    async def of_the_framework(_: Request, error: HTTPException) -> Response:
        return fault_of_status(error.status_code).response()
