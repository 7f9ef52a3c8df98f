import pytest

from benchmarks.scaling.model import (
    Link,
    all_reduce_seconds,
    computing_seconds,
    efficiency,
    waiting_seconds,
)
from benchmarks.scaling.page import WORKERS, page
from benchmarks.scaling.side import LARGE_BYTES, NETWORKS

LINK = Link(bandwidth=1e9, latency=1e-3)
MIB = 2**20


def test_a_ring_sends_almost_everything_twice() -> None:
    assert all_reduce_seconds(1, 1e9, LINK) == 0
    assert all_reduce_seconds(2, 1e9, LINK) == pytest.approx(1 + 0.002)
    assert all_reduce_seconds(4, 1e9, LINK) == pytest.approx(1.5 + 0.006)


def test_large_gradients_hide_behind_the_backward_pass_but_their_last_bucket() -> None:
    size = 1000 * MIB
    whole = all_reduce_seconds(2, size, LINK)
    last = all_reduce_seconds(2, 25 * MIB, LINK)
    assert waiting_seconds(2, size, 3.0, LINK) == pytest.approx(last)
    assert waiting_seconds(2, size, 0.3, LINK) == pytest.approx(whole - 0.2)
    beside = Link(1e9, 1e-3, overlaps=False)
    assert waiting_seconds(2, size, 3.0, beside) == pytest.approx(whole)
    # one bucket: nothing to hide
    assert waiting_seconds(2, MIB, 3.0, LINK) == all_reduce_seconds(2, MIB, LINK)


def test_more_workers_are_less_efficient() -> None:
    shares = [efficiency(n, 100 * MIB, 0.2, LINK) for n in WORKERS]
    assert shares[0] == 1 and shares == sorted(shares, reverse=True)
    assert computing_seconds(2e9, 10, 6e10) == pytest.approx(2.0)
    assert computing_seconds(1, 1, 6e10, least=0.5) == 0.5


def test_the_page_compares_prediction_and_measurement() -> None:
    def said(whole: float, half: float | None) -> dict:
        speeds = {name: {"whole": whole, "half": half} for name in NETWORKS}
        return {"speeds": speeds, "sums": {"tiny": 1e-3, "large": 1e-3 + 32e-3}}

    rounds = [
        {"one": said(0.1 * f, 0.06 * f), "one, two threads": said(0.08, 0.05), "two": t}
        for f, t in (
            (1, said(0.0625, None)),
            (1.1, said(0.07, None)),
            (1, said(1, None)),
        )
    ]
    text = page(rounds, conditions="here", command="so")
    assert (
        f"moves {LARGE_BYTES / 32e-3 / 1e9:.2f} GB/s, a tiny one takes\n1,000 µs"
        in text
    )
    (measured,) = [line for line in text.splitlines() if "lenet5-tanh (256)" in line]
    assert "| 2,560 | 3,200 | 3,657 | 1.57 (0.10 to 1.60) | 1.14 |" in measured
    # half a batch 60 ms, three tiny sums and a quarter of a megabyte
    (checked,) = [line for line in text.splitlines() if "lenet5-tanh | 0.25 |" in line]
    assert "| 60.0 | 3.24 | 79% | 71% |" in checked
