"""The comparison with other ways to train: its tools, and two sides of it."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.own_process import Finished
from benchmarks.peers import ours, tutorial
from benchmarks.peers.page import page
from benchmarks.peers.rows import Row, lead, row
from benchmarks.peers.task import TASKS, Task
from benchmarks.unpacking import unpack
from convatlas.networks import build

ROOT = Path(__file__).parents[2]
SAID = {
    "epochs": [9.0, 2.0, 3.0],
    "pictures": 1000,
    "accuracy": 0.5,
    "parameters": 61_706,
    "version": "1.0",
    "how": "so",
    "megabytes": 100.0,
}


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
def test_the_networks_are_as_large_as_the_task_says(task: Task) -> None:
    network = build(task.network, input_size=(task.size, task.size))
    assert sum(p.numel() for p in network.parameters()) == task.parameters


def test_the_first_epoch_is_not_timed() -> None:
    done = row(Finished(SAID, seconds=20.0), TASKS["lenet"])
    assert done.images_per_second == pytest.approx(2000 / 5)
    assert (done.seconds, done.megabytes, done.fault) == (20.0, 100.0, "")


def test_another_network_is_a_fault() -> None:
    done = row(Finished({**SAID, "parameters": 5}, seconds=1.0), TASKS["lenet"])
    assert done.fault == "5 parameters instead of 61,706"


def test_a_training_that_only_warmed_up_is_a_fault() -> None:
    done = row(Finished({**SAID, "epochs": [9.0]}, seconds=1.0), TASKS["lenet"])
    assert done.fault == "1 epochs, of which the first warms up"


def test_leads_are_medians_of_rounds() -> None:
    ours = [Row(images_per_second=speed) for speed in (100, 200, 900)]
    theirs = [Row(images_per_second=speed) for speed in (50, 50, 300)]
    assert lead(ours, theirs, "images_per_second") == 3


def test_a_side_that_fails_keeps_its_row(tmp_path: Path) -> None:
    sound = Row(400.0, 20.0, 100.0, 0.5, "1.0", "so")
    slower = Row(200.0, 60.0, 100.0, 0.5, "2.0", "so, too")
    text = page(
        {
            "lenet": {
                "convatlas": [sound],
                "timm": [slower],
                "d2l": [Row(fault="ImportError: no d2l")],
            },
            "resnet": {},
        },
        quick=False,
        conditions="here and now",
        command="python",
        picture=tmp_path / "images" / "peers.svg",
        out=tmp_path / "results" / "peers.md",
    )
    assert (
        "| timm 2.0 | 200 | **2.00** | 60.0 | **3.00** | 100 | 50.00 | so, too |"
        in text
    )
    assert "| d2l | | | | | | | fails: ImportError: no d2l |" in text
    assert "](../images/peers.svg)" in text
    assert "ResNet" not in text
    assert "timm" in (tmp_path / "images" / "peers.svg").read_text()
    assert (tmp_path / "results" / "peers.md").read_text() == text


@pytest.mark.parametrize("side", [ours, tutorial], ids=["ours", "tutorial"])
def test_a_side_times_every_epoch(
    side: Any, random_mnist: Path, tmp_path: Path
) -> None:
    task = replace(TASKS["lenet"], batch=16, lr=0.01, count=64, tested=100)
    unpack(random_mnist, task.pictures.folder, tmp_path, task.counts)
    outcome = side.run(task, tmp_path)
    assert len(outcome.epochs) == 3
    assert (outcome.pictures, outcome.parameters) == (64, 61_706)
    assert 0 < outcome.accuracy < 0.3  # labels are random


@pytest.mark.slow
def test_two_sides_in_turn(random_mnist: Path, tmp_path: Path) -> None:
    out = tmp_path / "peers.md"
    sides = ["convatlas", "the tutorial's loop"]
    command = [
        *(sys.executable, "-m", "benchmarks.peers", "--quick", "--task", "lenet"),
        *("--threads", "1", "--data-dir", str(random_mnist), "--out", str(out)),
        *("--sides", *sides),
    ]
    subprocess.run(command, check=True, cwd=ROOT, capture_output=True)
    rows = [x for x in out.read_text().splitlines() if x.startswith("| ")]
    for side, line in zip(sides, rows[1:], strict=True):
        assert line.startswith(f"| {side} ")
        assert "fails" not in line
        speed, seconds = (float(line.split("|")[i].replace(",", "")) for i in (2, 4))
        assert speed > 0 and seconds > 1
