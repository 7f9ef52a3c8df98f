import asyncio
import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from convatlas.serve.batches import Batches
from tests.coroutines import finished


class Doubling:
    """Doubles numbers, once it may; remembers how many came together."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.may = threading.Event()

    def __call__(self, items: Sequence[int]) -> list[int | Exception]:
        assert self.may.wait(10)
        self.sizes.append(len(items))
        if 99 in items:
            raise RuntimeError("all of them")
        return [ValueError("odd") if item == 7 else 2 * item for item in items]


def answered(work: Doubling, items: list[int], most: int = 64) -> list[object]:
    async def ask() -> list[object]:
        with ThreadPoolExecutor(1) as pool:
            batches: Batches[int, int] = Batches(work, pool, most)
            first = batches.ask(items[0])
            await asyncio.sleep(0.05)  # it is being worked on
            others = [batches.ask(item) for item in items[1:]]
            work.may.set()
            return list(await asyncio.gather(first, *others, return_exceptions=True))

    return finished(ask())


def test_what_arrives_meanwhile_is_the_next_batch() -> None:
    work = Doubling()
    assert answered(work, [0, 1, 2, 3, 4]) == [0, 2, 4, 6, 8]
    assert work.sizes == [1, 4]


def test_batches_have_a_largest_size() -> None:
    work = Doubling()
    assert answered(work, list(range(6)), most=2) == [0, 2, 4, 6, 8, 10]
    assert work.sizes == [1, 2, 2, 1]


def test_one_that_fails_leaves_the_others_alone() -> None:
    found = answered(Doubling(), [0, 6, 7, 8])
    assert found[:2] == [0, 12] and found[3] == 16
    assert isinstance(found[2], ValueError)


def test_when_the_work_fails_all_of_its_batch_are_told_and_it_goes_on() -> None:
    work = Doubling()
    found = answered(work, [0, 99, 1])
    assert found[0] == 0 and all(isinstance(one, RuntimeError) for one in found[1:])
    assert answered(work, [3]) == [6]


def test_who_went_away_is_not_worked_for() -> None:
    work = Doubling()

    async def ask() -> int:
        with ThreadPoolExecutor(1) as pool:
            batches: Batches[int, int] = Batches(work, pool)
            first = batches.ask(1)
            await asyncio.sleep(0.05)
            gone, stays = batches.ask(2), batches.ask(3)
            gone.cancel()
            work.may.set()
            await first
            return await stays

    assert finished(ask()) == 6
    assert work.sizes == [1, 1]


@pytest.mark.parametrize("count", [1, 200])
def test_every_item_gets_its_own_answer(count: int) -> None:
    work = Doubling()
    work.may.set()
    numbers = [number for number in range(count + 100) if number not in (7, 99)]
    assert answered(work, numbers) == [2 * number for number in numbers]
