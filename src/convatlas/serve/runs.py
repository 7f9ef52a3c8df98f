"""``/v1/runs``: what is served."""

from typing import Any

from fastapi import APIRouter

from convatlas.serve.served import State

router = APIRouter()


@router.get("/v1/runs")
async def runs(served: State) -> dict[str, Any]:
    """The runs and readers that can be asked, and which one answers by default."""
    return {
        "runs": [subject.to_json() for subject in served.subjects.values()],
        "default": served.default,
    }
