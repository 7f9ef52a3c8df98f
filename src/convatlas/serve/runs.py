"""``/v1/runs``: what is served."""

from fastapi import APIRouter
from starlette.responses import JSONResponse

from convatlas.serve.served import State
from convatlas.serve.shapes import Runs

router = APIRouter(tags=["use"])


@router.get("/v1/runs", response_class=JSONResponse, responses={200: {"model": Runs}})
async def runs(served: State) -> JSONResponse:
    """The runs and readers that can be asked, and which one answers by default."""
    shown = [subject.to_json() for subject in served.subjects.values()]
    return JSONResponse({"runs": shown, "default": served.default})
