import os
import signal
import threading

import pytest

from convatlas.training.interruption import noticing_stops


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_stop_is_noted_once_and_the_handlers_come_back(
    number: signal.Signals,
) -> None:
    before = signal.getsignal(number)
    with noticing_stops() as stop:
        assert not stop
        os.kill(os.getpid(), number)
        assert stop and stop.signal is number
        assert signal.getsignal(number) is before  # a second one acts at once
    assert signal.getsignal(number) is before


def test_outside_the_main_thread_nothing_changes() -> None:
    seen = []

    def work() -> None:
        with noticing_stops() as stop:
            seen.append(bool(stop))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [False]
