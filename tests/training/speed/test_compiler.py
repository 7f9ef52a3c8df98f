"""A time limit that ends whatever waits."""

import signal
import subprocess
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter, sleep

import pytest

from convatlas.training.speed import compiler
from convatlas.training.speed.compiler import OutOfTime, can_be_limited, time_limit


def a_program() -> None:
    subprocess.run(["sleep", "60"], check=True)


def a_lock() -> None:
    threading.Event().wait(60)


def a_library_that_catches_all_faults() -> None:
    try:
        sleep(60)
    except Exception:
        sleep(60)


def a_library_that_catches_even_this() -> None:
    try:
        sleep(60)
    except BaseException:
        sleep(60)


@pytest.mark.parametrize(
    "waiting",
    [
        a_program,
        a_lock,
        a_library_that_catches_all_faults,
        a_library_that_catches_even_this,
    ],
)
def test_whatever_waits_is_left(waiting: Callable[[], None], monkeypatch) -> None:
    monkeypatch.setattr(compiler, "RINGS_EVERY", 0.2)
    handler = signal.getsignal(signal.SIGALRM)
    started = perf_counter()
    with pytest.raises(OutOfTime), time_limit(0.1):
        waiting()
    assert perf_counter() - started < 20
    assert signal.getsignal(signal.SIGALRM) == handler
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_what_is_done_in_time_is_left_alone() -> None:
    with time_limit(0.2):
        pass
    sleep(0.3)  # nothing rings
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_only_the_main_thread_can_be_limited() -> None:
    assert can_be_limited()
    with ThreadPoolExecutor() as pool:
        assert not pool.submit(can_be_limited).result()
