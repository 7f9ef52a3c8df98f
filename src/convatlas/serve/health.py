"""``/healthz`` and ``/readyz``: whether the server lives, and whether it can answer."""

from typing import Any

from fastapi import APIRouter
from starlette.responses import JSONResponse

from convatlas.serve.served import State

router = APIRouter()


@router.get("/healthz")
async def healthz() -> dict[str, bool]:
    """That the process answers."""
    return {"ok": True}


@router.get("/readyz")
async def readyz(served: State) -> JSONResponse:
    """Whether every run that can be asked is ready; 503 while one is prepared."""
    preparing = served.models.preparing() or served.stopping.is_set()
    content: dict[str, Any] = {"ready": not preparing, "runs": served.models.states()}
    headers = {"retry-after": "1"} if preparing else None
    return JSONResponse(content, 503 if preparing else 200, headers)
