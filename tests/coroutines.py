"""Coroutines run to their end beside what else the thread of the tests does."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")


def finished(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """What it returns.

    It has a thread of its own: once a browser was started by Playwright, the thread
    of the tests counts as one in which a loop runs, and can begin no other.
    """
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()
