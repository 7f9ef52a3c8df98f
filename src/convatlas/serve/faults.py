"""What a client did wrong, or has to wait for, as one form of answer.

``{"error": {"code": "picture_unreadable", "message": "one line"}}``
"""

import json
from http import HTTPStatus

from starlette.responses import Response

from convatlas.errors import ConvatlasError, PictureError, UnknownName

BUSY_SECONDS = 1  # after which it is worth coming back


class Fault(Exception):
    """A request that is not answered as asked.

    Args:
        status: of HTTP, 400 to 503.
        code: for programs, e.g. ``"picture_unreadable"``.
        message: for people, one line: what was wrong, what is allowed, what to do.
        retry_after: seconds after which it is worth trying again.
    """

    def __init__(
        self, status: int, code: str, message: str, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after

    def to_json(self) -> dict[str, str]:
        """What stands under ``"error"``."""
        return {"code": self.code, "message": self.message}

    def headers(self) -> dict[str, str]:
        """Those that belong to this answer."""
        headers = {}
        if self.retry_after is not None:
            headers["retry-after"] = str(self.retry_after)
        if self.status in (408, 413):  # the rest of the request is not wanted
            headers["connection"] = "close"
        if self.status == 401:
            headers["www-authenticate"] = 'Bearer realm="convatlas"'
        return headers

    def response(self) -> Response:
        """The answer."""
        content = json.dumps({"error": self.to_json()}, ensure_ascii=False)
        return Response(
            content.encode(), self.status, self.headers(), "application/json"
        )


def busy(message: str) -> Fault:
    """More is asked at the same time than the server takes on."""
    return Fault(503, "busy", message, BUSY_SECONDS)


def fault_of(error: ConvatlasError) -> Fault:
    """A fault of the package, raised while a request was answered."""
    message = " ".join(str(error).split())
    if isinstance(error, UnknownName):
        return Fault(404, "unknown_name", message)
    if isinstance(error, PictureError):
        return Fault(400, "picture_unreadable", message)
    return Fault(422, "not_possible", message)


def fault_of_status(status: int) -> Fault:
    """What the framework found by itself: no such page, a wrong method."""
    if status == 404:
        return Fault(
            404, "not_found", "there is nothing here; /docs lists what there is"
        )
    if status == 405:
        return Fault(
            405, "method_not_allowed", "another method is needed; /docs lists them"
        )
    try:
        phrase = HTTPStatus(status).phrase
    except ValueError:
        phrase = f"status {status}"
    return Fault(status, phrase.casefold().replace(" ", "_"), phrase)
