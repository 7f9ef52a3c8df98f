"""One request after the other, and nobody works for a client that no longer waits."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

from fastapi import Request

from convatlas.serve.faults import Fault, busy
from convatlas.serve.served import Served

SESSION = "x-convatlas-session"  # header: requests of one view of one page
MOST_WAITING = 12

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class _Ticket:
    """Of a request that waits.

    Attributes:
        kind: requests of one kind overtake each other; empty: nobody overtakes it.
        called: done when it is its turn, or with the fault that it was overtaken.
    """

    kind: str
    called: asyncio.Future[None]


class Turns:
    """Who may compute next.

    A request is dropped before it computes when its client has gone, or when a newer
    one of the same session asks the same route.
    """

    def __init__(self, served: Served) -> None:
        self._served = served
        self._waiting: OrderedDict[int, _Ticket] = OrderedDict()
        self._taken = False

    @property
    def waiting(self) -> int:
        """Requests that wait for their turn."""
        return len(self._waiting)

    async def take(
        self,
        request: Request,
        function: Callable[P, T],
        /,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> T:
        """Runs a function in the thread of torch when it is the request's turn.

        Raises:
            Fault: 503, too many wait; 429, a newer one of the session came.
        """
        await self._turn(request)
        try:
            if await request.is_disconnected():
                raise Fault(429, "gone", "the client has gone", 1)
            return await self._served.with_torch(function, *args, **kwargs)
        finally:
            self._pass_on()

    async def _turn(self, request: Request) -> None:
        session = request.headers.get(SESSION, "")[:100]
        kind = f"{request.method} {request.scope['route'].path} {session}"
        if session:
            self._drop(kind)
        if not self._taken:
            self._taken = True
            return
        if len(self._waiting) >= MOST_WAITING:
            raise busy(f"{MOST_WAITING} requests to look inside wait already")
        called = asyncio.get_running_loop().create_future()
        ticket = _Ticket(kind if session else "", called)
        self._waiting[id(ticket)] = ticket
        try:
            await called
        except asyncio.CancelledError:
            if called.done() and not called.cancelled() and not called.exception():
                self._pass_on()  # it was given the turn and cannot take it
            raise
        finally:
            self._waiting.pop(id(ticket), None)

    def _drop(self, kind: str) -> None:
        for ticket in list(self._waiting.values()):
            if ticket.kind == kind and not ticket.called.done():
                del self._waiting[id(ticket)]
                ticket.called.set_exception(
                    Fault(429, "overtaken", "a newer request took its place", 1)
                )

    def _pass_on(self) -> None:
        while self._waiting:
            _, ticket = self._waiting.popitem(last=False)
            if not ticket.called.done():
                ticket.called.set_result(None)
                return
        self._taken = False
