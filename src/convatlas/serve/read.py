"""``/v1/read``: the house numbers in pictures."""

import asyncio
import csv
import io
import json
from time import perf_counter
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from starlette.responses import JSONResponse, Response

from convatlas.reading.reader import Reader
from convatlas.serve.faults import Fault
from convatlas.serve.served import Served, State
from convatlas.serve.settings import Settings
from convatlas.serve.shapes import PICTURES, NumberRead, NumbersRead
from convatlas.serve.subjects import BUILT_IN_READER
from convatlas.serve.uploads import Upload, uploads_of

router = APIRouter(tags=["use"])

DIGITS = 6  # of a probability, after the point
COLUMNS = ("file", "number", "confidence", "left", "top", "right", "bottom", "error")


@router.post(
    "/v1/read",
    response_class=JSONResponse,
    responses={
        200: {
            "model": NumberRead | NumbersRead,
            "content": {"text/csv": {"schema": {"type": "string"}}},
        }
    },
    openapi_extra=PICTURES,
)
async def read(
    request: Request,
    served: State,
    run: Annotated[
        str, Query(description="id of a run or reader that reads numbers")
    ] = BUILT_IN_READER,
    min_confidence: Annotated[
        float, Query(ge=0, le=1, description="below it the number is null")
    ] = 0.0,
) -> Response:
    """The house number in a picture, or in each of several in a form.

    With ``Accept: text/csv`` a line a picture.
    """
    subject = served.subject(run)
    reader = served.models.reader(subject)
    uploads, several = await uploads_of(request, served.settings)
    as_csv = "text/csv" in request.headers.get("accept", "")
    if not several and not as_csv:
        found = await _read(served, reader, uploads[0], min_confidence)
        return _json({"run": subject.id, **found})
    results = await asyncio.gather(
        *(_entry(served, reader, upload, min_confidence) for upload in uploads)
    )
    if as_csv:
        return Response(_csv(results), media_type="text/csv; charset=utf-8")
    return _json({"run": subject.id, "results": results})


async def _entry(
    served: Served, reader: Reader, upload: Upload, min_confidence: float
) -> dict[str, Any]:
    """Of one of several pictures, or why it has none."""
    try:
        found = await _read(served, reader, upload, min_confidence)
    except Fault as fault:
        return {"file": upload.name, "error": fault.to_json()}
    return {"file": upload.name, **found}


async def _read(
    served: Served, reader: Reader, upload: Upload, min_confidence: float
) -> dict[str, Any]:
    return await served.in_thread(
        _found, reader, upload, served.settings, min_confidence
    )


def _found(
    reader: Reader, upload: Upload, settings: Settings, min_confidence: float
) -> dict[str, Any]:
    """What is read in a picture; takes a thread's time.

    Raises:
        Fault: it cannot be read.
    """
    started = perf_counter()
    image = upload.image(settings, "RGB")
    found = reader.read(image)
    reading = found.reading
    sure = reading.number != "" and reading.confidence >= min_confidence
    return {
        "number": reading.number if sure else None,
        "confidence": round(reading.confidence, DIGITS),
        "digits": [
            {"digit": digit, "confidence": round(share, DIGITS)}
            for digit, share in zip(
                reading.number if sure else "", reading.digits, strict=False
            )
        ],
        "box": list(found.box_in_pixels(image)) if reading.number else None,
        "width": image.width,
        "height": image.height,
        "milliseconds": round((perf_counter() - started) * 1000, 3),
    }


def _json(plain: dict[str, Any]) -> Response:
    content = json.dumps(plain, ensure_ascii=False, allow_nan=False)
    return Response(content.encode(), media_type="application/json")


def _csv(results: list[dict[str, Any]]) -> bytes:
    """A line a picture; what a spreadsheet could take for a formula is quoted."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for one in results:
        number = one.get("number") or ""
        box = one.get("box") or ("",) * 4
        error = one.get("error", {}).get("message", "")
        writer.writerow(
            [
                _harmless(one["file"]),
                number,
                one.get("confidence", ""),
                *box,
                _harmless(error),
            ]
        )
    return text.getvalue().encode()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell[:1] in "=+-@\t\r" and cell else cell
