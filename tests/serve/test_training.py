"""Trainings over HTTP: real ones, in real processes, on digits-5k."""

import json
import os
import signal
import time
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from convatlas.looking.message import read
from convatlas.runs import Run

DIGIT = (Path(__file__).parent / "data" / "digit.png").read_bytes()
QUICK = {"network": "lenet5-tanh", "epochs": 2, "batch_size": 100, "seed": 5}
ID = "lenet5-tanh-digits-5k-1"
LONG = {**QUICK, "epochs": 40}


@pytest.fixture
def trainer(start_server, tmp_path) -> Iterator[Any]:
    with start_server("--allow-train", "--runs-folder", str(tmp_path / "runs")) as one:
        yield one


@contextmanager
def stream(
    http: httpx.Client, id: str = ID, after: int = 0
) -> Iterator[Iterator[tuple[int, str, Any]]]:
    """Events as number, name and data."""
    headers = {"last-event-id": str(after)} if after else {}
    with http.stream("GET", f"/v1/train/{id}/events", headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")

        def events() -> Iterator[tuple[int, str, Any]]:
            fields: dict[str, str] = {}
            for line in answer.iter_lines():
                key, _, value = line.partition(": ")
                if line and key:
                    fields[key] = value
                elif "event" in fields:
                    yield int(fields["id"]), fields["event"], json.loads(fields["data"])
                    fields = {}

        yield events()


def started(http: httpx.Client, **order: Any) -> str:
    answer = http.post("/v1/train", json=order)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def job(http: httpx.Client, id: str = ID) -> dict[str, Any]:
    (found,) = (j for j in http.get("/v1/train").json()["jobs"] if j["id"] == id)
    return dict(found)


def until(http: httpx.Client, name: str, id: str = ID) -> Any:
    """The data of the next event of a name."""
    with stream(http, id) as events:
        return next(data for _, event, data in events if event == name)


def test_trainings_are_watched_and_their_runs_asked(
    trainer, tmp_path, trained_run: Run
) -> None:
    http = trainer.http
    offer = http.get("/v1/train").json()
    assert offer["allowed"] and offer["jobs"] == []
    assert "lenet5-tanh" in offer["networks"] and "vgg16" not in offer["networks"]
    assert "digits-5k" in offer["data"]
    assert started(http, **QUICK) == ID
    with stream(http) as events:
        heard = list(events)
    numbers = [number for number, _, _ in heard]
    assert numbers == list(range(1, len(heard) + 1))
    names = [name for _, name, _ in heard]
    assert [n for n in names if n != "step"] == [
        *("state", "state"),
        *("epoch", "filters", "mistakes"),
        *("epoch", "filters", "mistakes"),
        "end",
    ]
    by_name = {name: data for _, name, data in heard}
    run = Run(tmp_path / "runs" / ID)
    assert run.info.finished and run.info.seed == 5
    assert run.info.recipe.batch_size == 100
    history = run.history()
    assert by_name["epoch"]["validation_loss"] == history[-1].validation_loss
    (filters,) = read(b64decode(by_name["filters"])).layers
    assert (filters.name, filters.shape, filters.signed) == (
        *("features.conv1", (6, 5, 5)),
        True,
    )
    assert set(by_name["mistakes"][0]) >= {"png", "label", "answer", "probability"}
    steps = [data for _, name, data in heard if name == "step"]
    assert steps[-1]["done"] == steps[-1]["total"] == 80
    assert steps[-1]["loss"] < steps[0]["loss"]
    best = max(record.validation_accuracy or 0 for record in history)
    assert by_name["end"] == {
        "state": "finished",
        "run": ID,
        "validation_accuracy": best,
        "message": None,
    }
    assert job(http)["state"] == "finished"

    ids = [one["id"] for one in http.get("/v1/runs").json()["runs"]]
    assert ids == ["lenet5", "reader", ID]
    looked = read(http.post(f"/v1/explain?run={ID}", content=DIGIT).content)
    assert looked.header["run"] == ID and looked.header["trained"]

    # who was cut off goes on where it was; who heard all is told to stay away
    with stream(http, after=numbers[-3]) as events:
        assert [number for number, _, _ in events] == numbers[-2:]
    gone = http.get(
        f"/v1/train/{ID}/events", headers={"last-event-id": str(numbers[-1])}
    )
    assert gone.status_code == 204
    refused = http.post(f"/v1/train/{ID}/resume")
    assert (refused.status_code, refused.json()["error"]["code"]) == (
        *(422, "not_resumable"),
    )

    # a run that something else put there is known as well
    os.symlink(trained_run.path, tmp_path / "runs" / "mine")
    found = job(http, "mine")
    assert (found["state"], found["epoch"]) == ("finished", 3)
    with stream(http, "mine") as events:
        names = [name for _, name, _ in events]
    assert names == ["state", "epoch", "epoch", "epoch", "end"]


@pytest.mark.slow
def test_stopping_and_going_on(trainer, tmp_path) -> None:
    http = trainer.http
    started(http, **LONG)
    until(http, "epoch")
    second = http.post("/v1/train", json=QUICK)
    assert second.status_code == 429 and second.headers["retry-after"]
    assert ID in second.json()["error"]["message"]
    assert http.post(f"/v1/train/{ID}/resume").status_code == 429
    assert http.post(f"/v1/train/{ID}/stop").status_code == 202
    end = until(http, "end")
    assert (end["state"], end["run"]) == ("stopped", ID)
    path = tmp_path / "runs" / ID
    assert not Run(path).info.finished and Run(path).has_checkpoint
    epochs = len(Run(path).history())
    looked = read(http.post(f"/v1/explain?run={ID}", content=DIGIT).content)
    for _ in range(300):  # its ONNX file is being made
        predicted = http.post(f"/v1/predict?run={ID}", content=DIGIT)
        if predicted.status_code != 503:
            break
        assert predicted.headers["retry-after"]
        time.sleep(0.5)
    assert predicted.status_code == 200, predicted.text
    first = predicted.json()["answers"][0]
    assert looked.header["answers"][0]["class"] == first["class"]
    assert http.post(f"/v1/train/{ID}/stop").json()["error"]["code"] == "not_running"

    assert http.post(f"/v1/train/{ID}/resume").status_code == 202
    with stream(http) as events:  # the old end is forgotten
        rows = (data for _, name, data in events if name == "epoch")
        heard = [next(rows)["epoch"] for _ in range(epochs + 1)]
    assert heard == list(range(1, epochs + 2))
    state = job(http)
    assert state["state"] == "training" and state["total"] == 1600
    http.post(f"/v1/train/{ID}/stop")
    until(http, "end")
    ids = [one["id"] for one in http.get("/v1/runs").json()["runs"]]
    assert ids.count(ID) == 1


@pytest.mark.slow
def test_the_end_of_the_server_saves_the_training(trainer, tmp_path) -> None:
    started(trainer.http, **LONG)
    with stream(trainer.http) as events:
        next(data for _, name, data in events if name == "epoch")
        trainer.process.send_signal(signal.SIGTERM)
        list(events)  # ends by itself
    assert trainer.process.wait(60) == 0
    run = Run(tmp_path / "runs" / ID)
    assert run.has_checkpoint and not run.info.finished
    saved = run.load_checkpoint()["position"]
    assert saved["epoch"] >= 1


@pytest.mark.parametrize(
    ("order", "text"),
    [
        ({"network": "vgg16"}, "network = 'vgg16' cannot be trained here"),
        ({"network": "../../x"}, "network = '../../x' cannot be trained here"),
        ({"data": "folder:/etc"}, "data = 'folder:/etc' cannot be trained here"),
        ({"epochs": 1000}, "epochs = 1000"),
        ({"epochs": 0}, "epochs = 0"),
        ({"seed": -1}, "seed = -1"),
        ({"lr": -1.0}, "lr = -1.0"),
        ({"out": "/tmp/x"}, "out"),
        ({"optimizer": "magic"}, "optimizer = 'magic'"),
    ],
)
def test_what_is_not_on_offer(refusing, order, text) -> None:
    answer = refusing.http.post("/v1/train", json=order)
    assert answer.status_code == 422
    assert text in answer.json()["error"]["message"]
    assert refusing.http.get("/v1/train").json()["jobs"] == []


@pytest.fixture(scope="module")
def refusing(start_server, tmp_path_factory) -> Iterator[Any]:
    folder = tmp_path_factory.mktemp("none") / "runs"
    with start_server("--allow-train", "--runs-folder", str(folder)) as one:
        yield one
        assert not folder.exists()


@pytest.mark.parametrize("path", ["nobody/events", "..%2Fx/events"])
def test_trainings_that_are_not_there(refusing, path) -> None:
    answer = refusing.http.get(f"/v1/train/{path}")
    assert answer.status_code == 404
    assert answer.json()["error"]["message"]
    for what in ("stop", "resume"):
        gone = refusing.http.post(f"/v1/train/nobody/{what}")
        assert gone.json()["error"]["code"] == "job_unknown"


def test_a_body_that_is_no_order(refusing) -> None:
    for body in (b"", b"{", b"[]", b"\xff"):
        answer = refusing.http.post(
            "/v1/train", content=body, headers={"content-type": "application/json"}
        )
        assert answer.status_code in (400, 422)
        assert answer.json()["error"]["message"]


def test_without_leave_nothing_is_trained(site) -> None:
    assert site.http.get("/v1/train").json() == {
        "allowed": False,
        "networks": [],
        "data": [],
        "jobs": [],
    }
    for method, path in (
        ("POST", ""),
        ("GET", f"/{ID}/events"),
        ("POST", f"/{ID}/stop"),
        ("POST", f"/{ID}/resume"),
    ):
        answer = site.http.request(method, f"/v1/train{path}", json=QUICK)
        assert answer.status_code == 403
        assert answer.json()["error"]["code"] == "training_off"
