import csv
import io
from pathlib import Path

import pytest

from convatlas.verbs.read import read

SAMPLES = sorted(
    (Path(__file__).parents[2] / "src/convatlas/serve/page/samples").glob("*.jpg")
)


def test_a_number_is_read_as_the_command_reads_it(site) -> None:
    for sample in SAMPLES[:3]:
        found = site.http.post("/v1/read", content=sample.read_bytes()).json()
        said = read([sample]).readings[0]
        assert found["number"] == said.number
        assert found["confidence"] == pytest.approx(said.confidence, abs=1e-5)
        assert tuple(found["box"]) == said.box
        assert [one["digit"] for one in found["digits"]] == list(said.number or "")
        assert (found["width"], found["height"]) == (said.width, said.height)


def test_below_the_confidence_nothing_is_said(site) -> None:
    content = SAMPLES[0].read_bytes()
    found = site.http.post("/v1/read?min_confidence=1", content=content).json()
    assert found["number"] is None and found["digits"] == []
    assert found["confidence"] < 1


def test_several_as_a_table(site) -> None:
    files = [("file", (one.name, one.read_bytes())) for one in SAMPLES[:2]]
    files.append(("file", ("=cmd()", b"nothing")))
    answer = site.http.post("/v1/read", files=files, headers={"Accept": "text/csv"})
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    assert [row["file"] for row in rows] == [
        SAMPLES[0].name,
        SAMPLES[1].name,
        "'=cmd()",
    ]
    single = site.http.post("/v1/read", content=SAMPLES[0].read_bytes()).json()
    assert rows[0]["number"] == single["number"]
    assert [int(rows[0][side]) for side in ("left", "top", "right", "bottom")] == (
        single["box"]
    )
    assert rows[2]["number"] == "" and "is no picture" in rows[2]["error"]


def test_several_as_json(site) -> None:
    files = [("file", (one.name, one.read_bytes())) for one in SAMPLES[:2]]
    results = site.http.post("/v1/read", files=files).json()["results"]
    assert [one["file"] for one in results] == [one.name for one in SAMPLES[:2]]
    assert all(one["number"] for one in results)


@pytest.mark.parametrize(
    ("query", "status", "code"),
    [
        ("run=lenet5", 422, "tells_classes"),
        ("run=nobody", 404, "run_unknown"),
        ("min_confidence=2", 422, "value_invalid"),
        ("min_confidence=nan", 422, "value_invalid"),
    ],
)
def test_what_cannot_be_asked_is_told(site, query, status, code) -> None:
    answer = site.http.post(f"/v1/read?{query}", content=SAMPLES[0].read_bytes())
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
