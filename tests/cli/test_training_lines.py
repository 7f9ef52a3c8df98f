"""``train --progress jsonl`` as a program follows it, in a real process."""

import json
import signal
import subprocess
import sys
from base64 import b64decode
from contextlib import redirect_stdout
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from convatlas import data
from convatlas.cli import main
from convatlas.runs import Run

FLAGS = ("--epochs", "2", "--batch-size", "100", "--lr", "0.004", "--seed", "3")


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, list[dict[str, Any]]]:
    path = tmp_path_factory.mktemp("told") / "run"
    out = StringIO()
    with redirect_stdout(out), pytest.raises(SystemExit) as exit:
        main(["train", *FLAGS, "--out", str(path), "--progress", "jsonl"])
    assert exit.value.code == 0
    return Run(path), [json.loads(line) for line in out.getvalue().splitlines()]


def test_the_course_of_a_training(told: tuple[Run, list[dict[str, Any]]]) -> None:
    run, lines = told
    kinds = [line["event"] for line in lines]
    assert kinds[0] == "started" and kinds[-1] == "ended"
    assert [k for k in kinds if k not in ("step", "started", "ended")] == [
        *("epoch", "filters", "mistakes"),
        *("epoch", "filters", "mistakes"),
    ]
    started, ended = lines[0], lines[-1]
    assert (started["train"], started["steps"], started["epochs"]) == (4000, 80, 2)
    assert started["run"] == ended["run"] == str(run.path)
    assert not ended["stopped"]
    steps = [line for line in lines if line["event"] == "step"]
    done = [step["done"] for step in steps]
    assert done == sorted(set(done)) and done[-1] == 80
    assert [s["step"] for s in steps if s["step"] == s["steps"]] == [40, 40]
    rows = [line for line in lines if line["event"] == "epoch"]
    assert [row["validation_accuracy"] for row in rows] == [
        record.validation_accuracy for record in run.history()
    ]


def test_filters_and_mistakes_are_those_of_the_network(
    told: tuple[Run, list[dict[str, Any]]],
) -> None:
    run, lines = told
    best = lines[-1]["best"]
    of_best = {line["event"]: line for line in lines if line.get("epoch") == best}
    weights = load_file(run.path / "best.safetensors")["features.conv1.weight"]
    assert of_best["filters"]["shape"] == list(weights.shape)
    sent = torch.tensor(of_best["filters"]["values"])
    assert torch.allclose(sent, weights, atol=1e-5)

    split = data.load("digits-5k").validation
    with torch.inference_mode():
        logits = run.network()(run.preprocess()(split.images))
    probabilities, answers = logits.softmax(1).max(1)
    wrong = of_best["mistakes"]
    assert wrong["count"] == int((answers != split.labels).sum()) > 0
    assert wrong["of"] == 500
    sure = [one["probability"] for one in wrong["worst"]]
    assert sure == sorted(sure, reverse=True)
    for one in wrong["worst"]:
        assert one["label"] == str(int(split.labels[one["index"]])) != one["answer"]
        assert one["answer"] == str(int(answers[one["index"]]))
        assert one["probability"] == pytest.approx(
            float(probabilities[one["index"]]), abs=1e-3
        )
    png = b64decode(wrong["worst"][0]["png"].partition(",")[2])
    pixels = np.asarray(Image.open(BytesIO(png)))
    assert (pixels == split.images[wrong["worst"][0]["index"], 0].numpy()).all()


def test_looking_changes_no_weight(
    told: tuple[Run, list[dict[str, Any]]], tmp_path: Path, capsys
) -> None:
    with pytest.raises(SystemExit):
        main(["train", *FLAGS, "--out", str(tmp_path / "plain")])
    assert "kept epoch" in capsys.readouterr().out
    seen, plain = (
        load_file(path / "best.safetensors")
        for path in (told[0].path, tmp_path / "plain")
    )
    assert all(torch.equal(seen[key], plain[key]) for key in plain)


def test_a_signal_saves_and_the_rest_follows(tmp_path: Path, capsys) -> None:
    command = [sys.executable, "-m", "convatlas", "train"]
    begun = [*command, *FLAGS, "--out", "run", "--progress", "jsonl"]
    with subprocess.Popen(
        begun, cwd=tmp_path, stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if json.loads(line)["event"] == "filters":
                child.send_signal(signal.SIGINT)
                break
        last = json.loads(list(child.stdout)[-1])
    assert child.returncode == 130
    assert (last["event"], last["stopped"], last["best"]) == ("ended", True, 1)
    with pytest.raises(SystemExit):
        main(["train", "--resume", str(tmp_path / "run"), "--progress", "jsonl"])
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert 40 <= lines[0]["steps_done"] < 80
    assert [line["epoch"] for line in lines if line["event"] == "epoch"] == [2]
    assert Run(tmp_path / "run").info.finished
