"""Who may compute next, with real threads and no clock."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from fastapi import Request

from convatlas.serve.faults import Fault
from convatlas.serve.inside.turns import MOST_WAITING, Turns
from convatlas.serve.served import Served
from convatlas.serve.settings import Settings
from convatlas.serve.subjects import built_in_subjects
from tests.coroutines import finished


class Route:
    path = "/v1/explain"


def request(session: str = "", *, gone: bool = False, route: Any = Route) -> Request:
    async def receive() -> dict[str, Any]:
        if not gone:
            await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    headers = [(b"x-convatlas-session", session.encode())] if session else []
    scope = {"type": "http", "method": "POST", "headers": headers, "route": route}
    return Request(scope, receive)


def told(test: Callable[[Turns, threading.Event], Awaitable[None]]) -> None:
    """Runs a test in which the first request computes until the event is set."""

    async def run() -> None:
        served = Served(Settings(), built_in_subjects())
        free = threading.Event()
        try:
            await asyncio.wait_for(test(Turns(served), free), 20)
        finally:
            free.set()
            served.close()

    finished(run())


async def waiting(turns: Turns, count: int) -> None:
    while turns.waiting != count:
        await asyncio.sleep(0)


def test_a_newer_request_of_the_session_takes_the_place_of_a_waiting_one() -> None:
    async def test(turns: Turns, free: threading.Event) -> None:
        done: list[str] = []
        first = asyncio.create_task(turns.take(request("a"), free.wait))
        await asyncio.sleep(0)
        tasks = []
        for name in ("old", "middle", "new"):
            tasks.append(
                asyncio.create_task(turns.take(request("a"), done.append, name))
            )
            await asyncio.sleep(0)
        other = asyncio.create_task(turns.take(request("b"), done.append, "other"))
        await waiting(turns, 2)
        for task in tasks[:2]:  # told at once, before the first has ended
            with pytest.raises(Fault) as fault:
                await task
            assert (fault.value.status, fault.value.code) == (429, "overtaken")
            assert fault.value.headers()["retry-after"] == "1"
        free.set()
        await asyncio.gather(first, tasks[2], other)
        assert done == ["new", "other"]

    told(test)


def test_other_routes_and_nameless_requests_overtake_nobody() -> None:
    class Field:
        path = "/v1/runs/{id}/field"

    async def test(turns: Turns, free: threading.Event) -> None:
        done: list[int] = []
        first = asyncio.create_task(turns.take(request("a"), free.wait))
        await asyncio.sleep(0)
        asked = [request("a"), request("a", route=Field), request(), request()]
        tasks = [
            asyncio.create_task(turns.take(one, done.append, i))
            for i, one in enumerate(asked)
        ]
        await waiting(turns, 4)
        free.set()
        await asyncio.gather(first, *tasks)
        assert done == [0, 1, 2, 3]

    told(test)


def test_a_client_that_has_gone_costs_nothing() -> None:
    async def test(turns: Turns, free: threading.Event) -> None:
        done: list[int] = []
        free.set()
        with pytest.raises(Fault, match="the client has gone"):
            await turns.take(request(gone=True), done.append, 1)
        await turns.take(request(), done.append, 2)
        assert done == [2]

    told(test)


def test_too_many_are_told_to_come_back() -> None:
    async def test(turns: Turns, free: threading.Event) -> None:
        tasks = [
            asyncio.create_task(turns.take(request(), free.wait))
            for _ in range(MOST_WAITING + 1)
        ]
        await waiting(turns, MOST_WAITING)
        with pytest.raises(Fault) as fault:
            await turns.take(request(), free.wait)
        assert fault.value.status == 503
        free.set()
        await asyncio.gather(*tasks)
        assert turns.waiting == 0

    told(test)


def test_who_gives_up_while_waiting_or_fails_holds_nobody_back() -> None:
    async def test(turns: Turns, free: threading.Event) -> None:
        first = asyncio.create_task(turns.take(request(), free.wait))
        await asyncio.sleep(0)
        second = asyncio.create_task(turns.take(request(), print))
        third = asyncio.create_task(turns.take(request(), int, "x"))
        fourth = asyncio.create_task(turns.take(request(), int, "4"))
        await waiting(turns, 3)
        second.cancel()
        await asyncio.sleep(0)
        free.set()
        await first
        with pytest.raises(ValueError):
            await third
        assert await fourth == 4
        with pytest.raises(asyncio.CancelledError):
            await second

    told(test)
