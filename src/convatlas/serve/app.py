"""All routes of the server under one guard."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import Route

from convatlas.errors import ConvatlasError
from convatlas.serve import atlas, docs, health, metrics, predict, read, runs
from convatlas.serve.faults import Fault, fault_of, fault_of_status
from convatlas.serve.guard import INTERNAL, Guard
from convatlas.serve.inside import routes as inside
from convatlas.serve.metrics import Metrics
from convatlas.serve.page_files import PageFiles
from convatlas.serve.served import Served
from convatlas.serve.settings import Settings
from convatlas.serve.shapes import FAULTS
from convatlas.serve.subjects import Subject
from convatlas.serve.training import routes as train

DESCRIPTION = (
    "Pictures are sent as the body of a request, or several as files of a form; what "
    'they are is told by their content. Faults are answered as {"error": {"code", '
    '"message"}}; 429 and 503 say in Retry-After when to come back. Where the server '
    "has a token, it is sent as Authorization: Bearer TOKEN."
)


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
        description=DESCRIPTION,
        openapi_url=None,  # these are ours: nothing is fetched from elsewhere
        docs_url=None,
        redoc_url=None,
        responses=FAULTS,
        generate_unique_id_function=lambda route: route.name,
        lifespan=lifespan,
    )
    app.state.served = Served(settings, subjects)
    app.state.metrics = Metrics()
    for part in (predict, read, runs, inside, atlas, train, health, metrics, docs):
        app.include_router(part.router)
    app.router.routes.append(
        Route("/{path:path}", PageFiles().send, include_in_schema=False)
    )
    _answer_faults(app)
    return Guard(app, settings, {("POST", "/v1/predict"): predict.predict})


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

    @app.exception_handler(Exception)
    async def unforeseen(_: Request, error: Exception) -> Response:
        return INTERNAL.response()  # the framework raises it again, for the log

    @app.exception_handler(HTTPException)
    async def of_the_framework(_: Request, error: HTTPException) -> Response:
        return fault_of_status(error.status_code).response()
