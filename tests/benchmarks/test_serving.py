import contextlib
from collections.abc import Iterator

import pytest

from benchmarks.serving.__main__ import PICTURE, SIDES, body
from benchmarks.serving.load import load
from benchmarks.serving.page import BARE, LIT, OURS, page
from benchmarks.serving.side import Side, running
from tests.coroutines import finished


@contextlib.contextmanager
def bare() -> Iterator[str]:
    with running(next(side for side in SIDES if side.name == BARE)) as server:
        assert server.ready_seconds > 0
        assert server.megabytes() > 10 and server.processor_seconds() > 0
        yield server.address


def test_answers_are_counted_and_faults_end_it(monkeypatch) -> None:
    monkeypatch.setattr("benchmarks.serving.load.WARM_UP", 0.1)
    content = PICTURE.read_bytes()
    with bare() as address:
        found = finished(load(f"{address}/decode", content, "image/png", 4, 0.5))
        assert found["all"] >= found["per_second"] * 0.5 > 1
        assert 0 < found["p50_ms"] <= found["p99_ms"]
        with pytest.raises(SystemExit, match="404"):
            finished(load(f"{address}/nothing", content, "image/png", 1, 0.2))


def test_a_server_that_does_not_start_is_told() -> None:
    side = Side("broken", ("-c", "raise SystemExit(1)"), "/", "/", "image/png")
    with pytest.raises(SystemExit, match="broken: did not become ready"):
        with running(side):
            pass


def test_each_server_gets_the_same_picture() -> None:
    import base64
    import json

    plain = body("image/png")
    assert base64.b64decode(json.loads(body("application/json"))["picture"]) == plain


def test_the_page_compares_within_rounds() -> None:
    def one(speed: float) -> dict[str, float]:
        rest = ("p50_ms", "p99_ms", "processor_us", "megabytes", "ready_seconds")
        return {"per_second": speed, **dict.fromkeys(rest, 2.0)}

    rounds = [
        {OURS: one(3000), BARE: one(4000), LIT: one(600)},
        {OURS: one(1000), BARE: one(2000), LIT: one(500)},
        {OURS: one(800), BARE: one(1000), LIT: one(400)},
    ]
    text = page(rounds, connections=64, conditions="a machine", command="python -m x")
    assert "| convatlas serve | `/v1/predict`" in text
    assert "1,000 (800 to 3,000)" in text
    assert (
        "requests/s in the same round: 75% (50% to 80%); wanted: at least 60 %" in text
    )
    assert "200% (200% to 500%)" in text and "64 connections" in text
    assert LIT not in page(
        [{OURS: one(1), BARE: one(1)}], connections=1, conditions="", command=""
    )
