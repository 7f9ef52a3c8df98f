"""Runs that a server gets, with and without ONNX files."""

import json
import shutil
import tempfile
import time
from pathlib import Path

import pytest
from safetensors.numpy import load_file, save_file

from convatlas.runs import Run
from convatlas.serve.exports import own_model
from convatlas.serve.subjects import BUILT_IN_RUN, subject_of, subjects_of
from convatlas.verbs.predict import predict

DIGIT = Path(__file__).parent / "data" / "digit.png"
WAIT = 120  # seconds for an export on a busy machine


def when_ready(own) -> dict:
    deadline = time.monotonic() + WAIT
    while (answer := own.http.get("/readyz")).status_code == 503:
        assert answer.headers["retry-after"] == "1"
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return answer.json()


def left_behind() -> set[Path]:
    return set(Path(tempfile.gettempdir()).glob("convatlas-serve-*"))


@pytest.mark.slow
def test_a_run_without_an_onnx_file_gets_one_while_the_others_answer(
    start_server, trained_run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "my run"
    shutil.copytree(trained_run.path, folder)
    files = sorted(path.name for path in folder.iterdir())
    before = left_behind()
    with start_server(str(folder)) as own:
        listed = own.http.get("/v1/runs").json()
        assert listed["default"] == "my-run" == listed["runs"][0]["id"]
        asked = {"content": DIGIT.read_bytes()}
        at_once = own.http.post("/v1/predict", **asked)
        if at_once.status_code != 200:  # the export takes seconds
            assert at_once.status_code == 503
            assert at_once.json()["error"]["code"] == "run_preparing"
            assert int(at_once.headers["retry-after"]) >= 1
        assert own.http.post("/v1/predict?run=lenet5", **asked).status_code == 200
        assert when_ready(own)["runs"]["my-run"] == "ready"
        answers = own.http.post("/v1/predict", **asked).json()["answers"]
        assert "libtorch" not in Path(f"/proc/{own.process.pid}/maps").read_text()
    said = predict(folder, [DIGIT], top=10, device="cpu").predictions[0].answers
    assert answers[0]["class"] == said[0].name
    assert answers[0]["probability"] == pytest.approx(said[0].probability, abs=1e-4)
    assert sorted(path.name for path in folder.iterdir()) == files
    assert left_behind() <= before


@pytest.mark.slow
def test_a_run_that_cannot_be_exported_says_why(
    start_server, trained_run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "broken"
    shutil.copytree(trained_run.path, folder)
    weights = load_file(folder / "best.safetensors")
    del weights["head.fc2.bias"]
    save_file(weights, folder / "best.safetensors")
    (folder / "model.onnx").unlink(missing_ok=True)
    with start_server(str(folder)) as own:
        state = when_ready(own)
        assert state["ready"] is True and "does not fit" in state["runs"]["broken"]
        answer = own.http.post("/v1/predict?run=broken", content=DIGIT.read_bytes())
        assert answer.status_code == 422
        assert "does not fit" in answer.json()["error"]["message"]
        assert own.http.get("/v1/runs").json()["runs"][0]["parameters"] == 61_696


def test_an_end_during_an_export_leaves_nothing(
    start_server, trained_run: Run, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    shutil.copytree(trained_run.path, folder)
    (folder / "model.onnx").unlink(missing_ok=True)
    before = left_behind()
    with start_server(str(folder)) as own:
        assert own.http.get("/readyz").status_code == 503
        own.process.terminate()
        assert own.process.wait(60) == 0
    assert left_behind() <= before and own.errors == []


def test_an_onnx_file_older_than_the_weights_is_not_believed(tmp_path: Path) -> None:
    import os

    for name in ("best.safetensors", "model.onnx"):
        (tmp_path / name).write_bytes(b"")
    os.utime(tmp_path / "model.onnx", (1, 1))
    assert own_model(tmp_path, trusted=False) is None
    assert own_model(tmp_path, trusted=True) == tmp_path / "model.onnx"
    os.utime(tmp_path / "best.safetensors", (1, 1))
    assert own_model(tmp_path, trusted=False) == tmp_path / "model.onnx"


def test_what_came_with_the_package() -> None:
    run, reader = subjects_of([])
    assert (run.id, reader.id) == ("lenet5", "reader")
    shown = run.to_json()
    assert shown["parameters"] == 61_706
    assert shown["accuracy"] == {"split": "test", "value": 0.9931, "n": 10_000}
    assert sum(p.stat().st_size for p in BUILT_IN_RUN.iterdir()) < 1_000_000
    assert reader.to_json()["accuracy"]["split"] == "test"
    card = (BUILT_IN_RUN / "card.md").read_text()
    assert "terms of the data | CC BY-SA 3.0" in card and "test: 99.31%" in card
    assert json.loads((BUILT_IN_RUN / "run.json").read_text())["finished"] is True


def test_ids_are_unique_and_fit_into_an_address(trained_run: Run, tmp_path) -> None:
    odd = tmp_path / "a/b c?"
    shutil.copytree(trained_run.path, odd)
    assert subject_of(odd, []).id == "b-c-"
    assert subject_of(odd, ["b-c-", "b-c--2"]).id == "b-c--3"
    assert [s.id for s in subjects_of([BUILT_IN_RUN])] == [
        "lenet5-2",
        "lenet5",
        "reader",
    ]


def test_networks_that_answer_with_a_box_are_known() -> None:
    from convatlas.networks import variants
    from convatlas.serve.subjects import FINDERS

    assert {v.name for v in variants() if v.answers == "box"} == set(FINDERS)
