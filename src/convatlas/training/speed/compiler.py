"""The compiler that torch calls: whether it is there, how long it may take."""

import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from shutil import which
from types import FrameType

import torch

RINGS_EVERY = 5.0  # seconds, should a library have caught the first OutOfTime


class OutOfTime(BaseException):
    """No ``Exception``: torch's compiler catches all of these."""


def has_compiler(device: torch.device) -> bool:
    """Whether the program is found that torch's compiler calls for a processor.

    Without it, torch fails at the first compiled call, after some seconds.
    """
    usual = "clang++" if sys.platform == "darwin" else "g++"
    return device.type != "cpu" or which(os.environ.get("CXX", usual)) is not None


def reason_of(error: Exception) -> str:
    """Why compiling failed, in a line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def can_be_limited() -> bool:
    """Whether ``time_limit`` works: in the main thread, where signals are delivered."""
    main = threading.current_thread() is threading.main_thread()
    return main and hasattr(signal, "setitimer")


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Leaves the block after that time, wherever it waits.

    Raises:
        OutOfTime: the time is over.
    """

    def ring(number: int, frame: FrameType | None) -> None:
        raise OutOfTime

    before = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds, RINGS_EVERY)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
