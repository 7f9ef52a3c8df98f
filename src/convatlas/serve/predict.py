"""``/v1/predict``: the classes of pictures."""

import asyncio
import json
from time import perf_counter
from typing import Any

import numpy as np
from fastapi import APIRouter, Request
from starlette.responses import JSONResponse, Response

from convatlas.serve.classifier import Predictor, Probabilities
from convatlas.serve.faults import Fault
from convatlas.serve.served import Served
from convatlas.serve.shapes import PICTURES, Predicted, PredictedSeveral
from convatlas.serve.subjects import Subject
from convatlas.serve.uploads import Upload, uploads_of

router = APIRouter(tags=["use"])

TOP, MOST = 10, 10_000  # answers
DIGITS = 6  # of a probability, after the point


# this route is called past the framework, which would cost more than the answer
PARAMETERS = [
    {
        "name": "run",
        "in": "query",
        "required": False,
        "schema": {"type": "string"},
        "description": "id of a run that tells classes; the default run if none",
        "example": "lenet5",
    },
    {
        "name": "top",
        "in": "query",
        "required": False,
        "schema": {"type": "integer", "minimum": 1, "maximum": MOST, "default": TOP},
        "description": "how many answers",
        "example": 3,
    },
]


@router.post(
    "/v1/predict",
    response_class=JSONResponse,
    responses={200: {"model": Predicted | PredictedSeveral}},
    openapi_extra={"parameters": PARAMETERS, **PICTURES},
)
async def predict(request: Request) -> Response:
    """The most probable classes of a picture, or of several in a form."""
    started = perf_counter()
    served: Served = request.app.state.served
    run = request.query_params.get("run")
    top = _top(request.query_params.get("top"))
    subject = served.subject(run)
    predictor = served.models.predictor(subject)
    uploads, several = await uploads_of(request, served.settings)
    plain: dict[str, Any] = {"run": subject.id}
    if several:
        entries = [_entry(predictor, subject, upload, top) for upload in uploads]
        plain["results"] = await asyncio.gather(*entries)
    else:
        found = await predictor.probabilities(uploads[0])
        plain["answers"] = _answers(subject, found, top)
    plain["milliseconds"] = round((perf_counter() - started) * 1000, 3)
    return Response(json.dumps(plain).encode(), media_type="application/json")


def _top(given: str | None) -> int:
    if given is None:
        return TOP
    if not (given.isascii() and given.isdecimal() and 1 <= int(given[:6]) <= MOST):
        raise Fault(422, "value_invalid", f"top = {given!r:.40}: 1 to {MOST:,}")
    return int(given)


async def _entry(
    predictor: Predictor, subject: Subject, upload: Upload, top: int
) -> dict[str, Any]:
    """Of one of several pictures, or why it has none."""
    try:
        found = await predictor.probabilities(upload)
    except Fault as fault:
        return {"file": upload.name, "error": fault.to_json()}
    return {"file": upload.name, "answers": _answers(subject, found, top)}


def _answers(subject: Subject, found: Probabilities, top: int) -> list[dict[str, Any]]:
    """The most probable classes, best first."""
    assert subject.info is not None
    names = subject.info.labels.names
    best = np.argsort(-found, kind="stable")[:top].tolist()
    values = found.tolist()
    return [{"class": names[i], "probability": round(values[i], DIGITS)} for i in best]
