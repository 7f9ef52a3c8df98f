"""``/healthz`` and ``/readyz``: whether the server lives, and whether it can answer."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse

from convatlas.serve.served import State
from convatlas.serve.shapes import Alive, Ready

router = APIRouter(tags=["run the server"])


@router.get("/healthz")
async def healthz() -> Alive:
    """That the process answers; needs no token."""
    return Alive(ok=True)


@router.get(
    "/readyz",
    response_class=JSONResponse,
    responses={200: {"model": Ready}, 503: {"model": Ready}},
)
async def readyz(served: State) -> JSONResponse:
    """Whether every run is ready, 503 while one is prepared; needs no token."""
    preparing = served.models.preparing() or served.stopping.is_set()
    content: dict[str, Any] = {"ready": not preparing, "runs": served.models.states()}
    headers = {"retry-after": "1"} if preparing else None
    return JSONResponse(content, 503 if preparing else 200, headers)
