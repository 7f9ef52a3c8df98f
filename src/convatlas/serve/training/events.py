"""What is told about a job: every event has a number, and whoever comes late hears all.

The form is that of server-sent events: whoever was cut off says the last number it
heard (``Last-Event-ID``) and goes on from there.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any, NamedTuple

HEARTBEAT_SECONDS = 15.0
HEARTBEAT = b": still here\n\n"
MOST_STEPS = 1500  # events of steps that are kept; beyond it every second one goes
RETRY_MILLISECONDS = 2000


class Event(NamedTuple):
    """An event; ``data`` is JSON."""

    number: int
    name: str
    data: str

    def frame(self) -> bytes:
        """As it is sent."""
        return f"id: {self.number}\nevent: {self.name}\ndata: {self.data}\n\n".encode()


class Log:
    """The events of a job, in order; belongs to the event loop."""

    def __init__(self) -> None:
        self.open = False
        self._events: list[Event] = []
        self._last = 0
        self._steps = 0
        self._changed = asyncio.Event()

    @property
    def last(self) -> int:
        """Number of the newest event; 0 before the first."""
        return self._last

    def tell(self, name: str, data: Any) -> None:
        """Adds an event."""
        self._last += 1
        text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
        self._events.append(Event(self._last, name, text))
        self._steps += name == "step"
        if self._steps > MOST_STEPS:
            self._thin()
        self._wake()

    def begin(self) -> None:
        """The job goes on, so what was said about its end is no longer true."""
        self._events = [one for one in self._events if one.name != "end"]
        self.open = True

    def end(self, data: Any) -> None:
        """The last event: streams close after it."""
        self.open = False
        self.tell("end", data)

    async def follow(self, after: int, stopping: asyncio.Event) -> AsyncIterator[bytes]:
        """All events after a number, and those to come, until the end.

        Args:
            after: number of the last event that was heard.
            stopping: set when the server ends.
        """
        yield f"retry: {RETRY_MILLISECONDS}\n\n".encode()
        while True:
            changed = self._changed
            for event in [one for one in self._events if one.number > after]:
                after = event.number
                yield event.frame()
            if stopping.is_set() or (not self.open and after >= self._last):
                return
            if after < self._last:
                continue
            waiting = [asyncio.create_task(one.wait()) for one in (changed, stopping)]
            try:
                done, _ = await asyncio.wait(
                    waiting,
                    timeout=HEARTBEAT_SECONDS,
                    return_when=asyncio.FIRST_COMPLETED,
                )
            finally:
                for task in waiting:
                    task.cancel()
            if not done:
                yield HEARTBEAT

    def _wake(self) -> None:
        changed, self._changed = self._changed, asyncio.Event()
        changed.set()

    def _thin(self) -> None:
        kept, odd = [], False
        for event in self._events:
            odd = odd != (event.name == "step")
            if event.name != "step" or odd:
                kept.append(event)
        self._events = kept
        self._steps = sum(event.name == "step" for event in kept)
