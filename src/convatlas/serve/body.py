"""A request's body, given up as soon as it is too long or takes too long."""

import asyncio

from starlette.types import Message, Receive, Scope

from convatlas.serve.faults import Fault
from convatlas.serve.settings import MEBIBYTE, Settings


class LimitedBody:
    """Stands in the place of ``receive``.

    Args:
        receive: of the server.
        settings: how long a body may be, and take.

    Raises:
        Fault: when called: 413 or 408.
    """

    def __init__(self, receive: Receive, settings: Settings) -> None:
        self._receive = receive
        self._settings = settings
        self._left = settings.most_bytes
        self._until = asyncio.get_running_loop().time() + settings.patience
        self._complete = False

    async def __call__(self) -> Message:
        if self._complete:  # what still comes is that the client went away
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            raise Fault(
                408,
                "too_slow",
                f"the request took longer than {self._settings.patience:g} s to arrive",
            ) from None
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise _too_long(self._settings.most_bytes)
        self._complete = not message.get("more_body", False)
        return message


def check_length(scope: Scope, settings: Settings) -> None:
    """Refuses a body by what is said of it.

    Raises:
        Fault: 413.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and int(value) > settings.most_bytes:
            raise _too_long(settings.most_bytes)


def _too_long(most: int) -> Fault:
    return Fault(
        413,
        "body_too_large",
        f"the request is longer than {most / MEBIBYTE:g} MiB; send fewer or smaller "
        "pictures, or start the server with a larger --max-mb",
    )
