import threading

import pytest

from convatlas.data.ahead import AHEAD, in_order


def test_results_come_in_order_and_only_some_ahead() -> None:
    begun: list[int] = []
    may_go_on = threading.Event()

    def work(number: int) -> int:
        begun.append(number)
        if number % 2:
            may_go_on.wait(10)
        return number * number

    results = in_order(work, iter(range(1000)))
    assert next(results) == 0
    assert len(begun) <= AHEAD + 1
    may_go_on.set()
    assert list(results) == [number * number for number in range(1, 1000)]


def test_what_nobody_waits_for_is_not_begun() -> None:
    begun: list[int] = []
    results = in_order(begun.append, range(100_000))
    next(results)
    results.close()
    assert len(begun) <= AHEAD + 1


def test_a_fault_comes_where_its_item_stands() -> None:
    results = in_order(lambda number: 1 // number, [1, 0, 1])
    assert next(results) == 1
    with pytest.raises(ZeroDivisionError):
        next(results)
