"""Work on many files with all processors, in order, some files ahead of the reader."""

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")

AHEAD = 64


def in_order(work: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """The result of each item; what is not begun is dropped where nobody reads on."""
    waiting = iter(items)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        try:
            ahead = [pool.submit(work, item) for item in islice(waiting, AHEAD)]
            while ahead:
                result = ahead.pop(0).result()
                ahead += [pool.submit(work, item) for item in islice(waiting, 1)]
                yield result
        finally:
            pool.shutdown(cancel_futures=True)
