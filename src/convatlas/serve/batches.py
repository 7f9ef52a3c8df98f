"""Requests that arrive together are answered together.

While one batch is worked on, what arrives waits and becomes the next: nobody waits for
a clock, and the busier the server, the larger the batches.
"""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from typing import Generic, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")

MOST_AT_ONCE = 64


class Batches(Generic[Item, Answer]):
    """Items in, one at a time; answers out, worked on together.

    Args:
        work: items to as many answers; an answer that is an exception is raised where
            its item was asked for.
        pool: where it works.
        most: items of a batch.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Item]], Sequence[Answer | Exception]],
        pool: Executor,
        most: int = MOST_AT_ONCE,
    ) -> None:
        self._work = work
        self._pool = pool
        self._most = most
        self._waiting: list[tuple[Item, asyncio.Future[Answer]]] = []
        self._busy = False

    def ask(self, item: Item) -> "asyncio.Future[Answer]":
        """The answer to an item, when its batch is done."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Answer] = loop.create_future()
        self._waiting.append((item, answer))
        if not self._busy:
            self._busy = True
            loop.call_soon(self._begin, loop)
        return answer

    def _begin(self, loop: asyncio.AbstractEventLoop) -> None:
        batch = self._waiting[: self._most]
        del self._waiting[: self._most]
        items = [item for item, answer in batch if not answer.cancelled()]
        asked = [answer for _, answer in batch if not answer.cancelled()]
        done = loop.run_in_executor(self._pool, self._work, items)
        done.add_done_callback(lambda done: self._end(loop, asked, done))

    def _end(
        self,
        loop: asyncio.AbstractEventLoop,
        asked: Sequence["asyncio.Future[Answer]"],
        done: "asyncio.Future[Sequence[Answer | Exception]]",
    ) -> None:
        error = done.exception()
        answers = [error] * len(asked) if error is not None else done.result()
        for future, answer in zip(asked, answers, strict=True):
            if future.cancelled():
                continue
            if isinstance(answer, BaseException):
                future.set_exception(answer)
            else:
                future.set_result(answer)
        if self._waiting:
            self._begin(loop)
        else:
            self._busy = False
