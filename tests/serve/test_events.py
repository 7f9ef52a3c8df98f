"""The log of a training, followed by several at the same time."""

import asyncio
import json
from collections.abc import Awaitable, Callable

import pytest

from convatlas.serve.training import events
from convatlas.serve.training.events import HEARTBEAT, MOST_STEPS, Log
from tests.coroutines import finished


def run(test: Callable[[Log, asyncio.Event], Awaitable[None]]) -> None:
    async def inside() -> None:
        await asyncio.wait_for(test(Log(), asyncio.Event()), 20)

    finished(inside())


async def heard(log: Log, stopping: asyncio.Event, after: int = 0) -> list[str]:
    """Names of all events until the stream ends."""
    frames = [frame.decode() async for frame in log.follow(after, stopping)]
    assert frames[0].startswith("retry: ")
    names = []
    for frame in frames[1:]:
        number, name, data = frame.strip().split("\n")
        assert int(number.removeprefix("id: ")) > after
        json.loads(data.removeprefix("data: "))
        names.append(name.removeprefix("event: "))
    return names


def test_who_comes_early_and_who_comes_late_hear_the_same() -> None:
    async def test(log: Log, stopping: asyncio.Event) -> None:
        log.begin()
        early = asyncio.create_task(heard(log, stopping))
        for number in range(5):
            log.tell("step", {"step": number})
            await asyncio.sleep(0)
        log.end({"state": "finished"})
        assert await early == ["step"] * 5 + ["end"]
        assert await heard(log, stopping) == ["step"] * 5 + ["end"]
        assert await heard(log, stopping, after=4) == ["step", "end"]
        assert await heard(log, stopping, after=6) == []

    run(test)


def test_a_job_that_goes_on_has_not_ended() -> None:
    async def test(log: Log, stopping: asyncio.Event) -> None:
        log.begin()
        log.tell("epoch", {"epoch": 1})
        log.end({"state": "stopped"})
        log.begin()
        follower = asyncio.create_task(heard(log, stopping, after=2))
        log.tell("epoch", {"epoch": 2, "text": "数字\n"})
        log.end({"state": "finished"})
        assert await follower == ["epoch", "end"]
        assert await heard(log, stopping) == ["epoch", "epoch", "end"]

    run(test)


def test_the_end_of_the_server_ends_the_stream() -> None:
    async def test(log: Log, stopping: asyncio.Event) -> None:
        log.begin()
        log.tell("step", {})
        follower = asyncio.create_task(heard(log, stopping))
        await asyncio.sleep(0.01)
        assert not follower.done()
        stopping.set()
        assert await follower == ["step"]

    run(test)


def test_silence_is_broken_by_heartbeats(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT_SECONDS", 0.01)

    async def test(log: Log, stopping: asyncio.Event) -> None:
        log.begin()
        stream = log.follow(0, stopping)
        first = [await anext(stream) for _ in range(3)]
        assert first[1:] == [HEARTBEAT, HEARTBEAT]
        await stream.aclose()

    run(test)


def test_of_very_many_steps_some_are_forgotten_and_nothing_else() -> None:
    async def test(log: Log, stopping: asyncio.Event) -> None:
        log.begin()
        for number in range(4 * MOST_STEPS):
            log.tell("step", {"step": number})
            if number % 100 == 0:
                log.tell("epoch", {"epoch": number})
        log.end({})
        names = await heard(log, stopping)
        assert names.count("epoch") == 4 * MOST_STEPS // 100
        assert MOST_STEPS // 2 <= names.count("step") <= MOST_STEPS
        assert names[-1] == "end"

    run(test)
