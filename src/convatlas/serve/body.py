"""A request's body, given up as soon as it is too long or takes too long."""

import asyncio
from dataclasses import dataclass

from starlette.types import Message, Receive, Scope

from convatlas.serve.faults import Fault, busy
from convatlas.serve.settings import MEBIBYTE, Settings

LARGEST_AT_A_TIME = 8  # bodies of the largest size that fit into memory together


@dataclass
class Held:
    """Bytes of all bodies that are in memory."""

    size: int = 0


class LimitedBody:
    """Stands in the place of ``receive``.

    Args:
        receive: of the server.
        settings: how long a body may be, and take.
        held: by all requests together.

    Raises:
        Fault: when called: 413, 408, or 503 where all bodies together are too long.
    """

    def __init__(self, receive: Receive, settings: Settings, held: Held) -> None:
        self._receive = receive
        self._held = held
        self._size = 0
        self._settings = settings
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
        size = len(message.get("body", b""))
        self._size += size
        self._held.size += size
        most = self._settings.most_bytes
        if self._size > most:
            raise _too_long(most)
        if self._held.size > most * LARGEST_AT_A_TIME:
            raise busy("the pictures of all requests together are too large; come back")
        self._complete = not message.get("more_body", False)
        return message

    def release(self) -> None:
        """Once the request is answered."""
        self._held.size -= self._size


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
