"""The verbs as a user types them, in real processes where signals matter."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from convatlas.cli import main
from convatlas.runs import Run


def convatlas(capsys, *arguments: str) -> str:
    with pytest.raises(SystemExit) as exit:
        main(list(arguments))
    assert exit.value.code in (0, None)
    return str(capsys.readouterr().out)


def test_train_evaluate_runs_predict(tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONVATLAS_EPOCHS", "9")
    monkeypatch.setenv("CONVATLAS_BATCH_SIZE", "50")
    Path("mine.toml").write_text("epochs = 7\nlr = 0.004\nbatch_size = 10\n")
    out = convatlas(capsys, "train", "--recipe", "mine.toml", "--epochs", "2")
    run = Run("runs/lenet5-tanh-digits-5k-1")
    recipe = run.info.recipe
    assert (recipe.lr, recipe.batch_size, recipe.epochs) == (0.004, 50, 2)
    assert "kept epoch" in out and "next: convatlas evaluate" in out
    assert "batch_size 50" in out and "lr 0.004" in out

    out = convatlas(capsys, "evaluate")
    assert "95 % interval" in out and "test-mistakes.png" in out
    figures = json.loads(convatlas(capsys, "evaluate", "--json"))
    assert figures["count"] == 500

    out = convatlas(capsys, "runs")
    assert "lenet5-tanh-digits-5k-1" in out
    (row,) = json.loads(convatlas(capsys, "runs", "--json"))
    assert row["test"] == figures["accuracy"] and row["epochs"] == 2


def test_predict_prints_what_programs_read(
    trained_run: Run, tmp_path: Path, capsys
) -> None:
    from PIL import Image

    from convatlas import data

    test = data.load("digits-5k").test
    for index in (3, 44):
        picture = Image.fromarray(test.images[index, 0].numpy())
        picture.save(tmp_path / f"{index}, a digit.png")
    run = str(trained_run.path)
    found = json.loads(convatlas(capsys, "predict", run, str(tmp_path), "--json"))
    assert len(found) == 2 and len(found[0]["answers"]) == 3
    text = convatlas(capsys, "predict", run, str(tmp_path), "--csv", "--top", "2")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["file"] for row in rows] == [one["file"] for one in found]
    assert rows[0]["class_1"] == found[0]["answers"][0]["class"]
    assert set(rows[0]) == {
        "file",
        "class_1",
        "probability_1",
        "class_2",
        "probability_2",
    }
    assert "a digit.png" in convatlas(capsys, "predict", run, str(tmp_path))


def test_ctrl_c_saves_says_how_to_go_on_and_going_on_works(tmp_path: Path) -> None:
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    command = [sys.executable, "-m", "convatlas", "train", "--epochs", "200"]
    process = subprocess.Popen(
        command, cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True
    )
    lines = []
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line)
        if line.strip().startswith("1 "):
            process.send_signal(signal.SIGINT)
            break
    rest, _ = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "stopped and saved; go on with: convatlas train --resume runs/" in rest
    run = Run(tmp_path / "runs" / "lenet5-tanh-digits-5k-1")
    assert not run.info.finished and run.checkpoint_path.exists()
    again = subprocess.Popen(
        [sys.executable, "-m", "convatlas", "train", "--resume", str(run.path)],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert again.stdout is not None
    for line in again.stdout:
        if "goes on after step" in line:
            break
    else:
        pytest.fail("did not go on")
    time.sleep(0.2)
    again.send_signal(signal.SIGTERM)
    again.communicate(timeout=120)
    assert again.returncode == 143
