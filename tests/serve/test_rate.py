import pytest

from convatlas.serve import rate
from convatlas.serve.rate import MOST_CLIENTS, Rate


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(rate, "monotonic", clock)
    return clock


def test_a_client_may_use_two_seconds_at_once_and_then_its_rate(clock: Clock) -> None:
    limit = Rate(5)
    assert [limit.wait("a") for _ in range(10)] == [0] * 10
    assert limit.wait("a") == pytest.approx(0.2)
    clock.now += 0.1
    assert limit.wait("a") == pytest.approx(0.1)
    clock.now += 0.11
    assert limit.wait("a") == 0
    assert limit.wait("a") > 0
    clock.now += 1000
    assert [limit.wait("a") > 0 for _ in range(11)] == [False] * 10 + [True]


def test_clients_do_not_use_up_each_others_share(clock: Clock) -> None:
    limit = Rate(1)
    assert limit.wait("a") == limit.wait("a") == 0 and limit.wait("a") > 0
    assert limit.wait("b") == 0


def test_zero_is_any_number(clock: Clock) -> None:
    limit = Rate(0)
    assert all(limit.wait("a") == 0 for _ in range(1000))


def test_only_so_many_clients_are_remembered(clock: Clock) -> None:
    limit = Rate(1)
    for number in range(MOST_CLIENTS + 50):
        limit.wait(str(number))
    assert len(limit._clients) == MOST_CLIENTS
    assert "0" not in limit._clients
