"""``convatlas search-recipe`` from the terminal's side."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from convatlas import recipes
from tests.cli.ended import status

QUICK = (
    *("search-recipe", "mnist-cnn", "--device", "cpu"),  # digits-5k, if none is named
    *("--pictures", "320", "--stages", "1", "--batch-size", "32", "--epochs", "1"),
)


def test_it_writes_a_recipe_that_says_how_it_was_found(
    tmp_path: Path, capsys, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert status(*QUICK, "--vary", "lr", "--trials", "2", "--confirm", "1") == 0
    printed = capsys.readouterr().out
    assert "try 0:" in printed and "finalist" in printed
    assert (tmp_path / "search-mnist-cnn-digits-5k.jsonl").is_file()
    path = tmp_path / "mnist-cnn.digits-5k.toml"
    cost, how, command = path.read_text().splitlines()[:3]
    assert cost.startswith("# ") and "validation accuracy" in cost and "(n = 1)" in cost
    assert how == "# found in 2 tries on validation by"
    given = "--vary lr --pictures 320 --stages 1 --epochs 1.0 --batch-size 32"
    assert command == f"# convatlas search-recipe mnist-cnn --data digits-5k {given}"
    found = recipes.load(str(path))
    assert (found.batch_size, found.epochs) == (32, 1)


def test_ctrl_c_while_finalists_train_keeps_the_tries(
    tmp_path: Path, capsys, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    search = (*QUICK, "--fast", "off", "--vary", "lr")
    with subprocess.Popen(
        [sys.executable, "-m", "convatlas", *search, "--trials", "2", "--confirm", "1"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        for line in child.stdout:
            if line.startswith("finalist"):  # the first of two
                break
        child.send_signal(signal.SIGINT)
        said, errors = child.communicate(timeout=120)
    assert (child.returncode, errors) == (130, "")
    assert "the same command with --trials 0 trains the finalists anew" in said
    assert [path.suffix for path in tmp_path.iterdir()] == [".jsonl"]

    assert status(*search, "--trials", "0", "--confirm", "0") == 0
    assert (
        "2 tries on validation" in (tmp_path / "mnist-cnn.digits-5k.toml").read_text()
    )


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ((), "a search needs an end"),
        (("--trials", "-1"), "--trials -1: must be 0 or more"),
        (("--budget", "0"), "--budget 0: must be above 0"),
        (("--trials", "1", "--out", "no/x.toml"), "there is no folder no"),
        (("--trials", "1", "--out", os.devnull), "is no file"),
        (("--trials", "1", "--target", "98"), "--target 98: must lie between 0 and 1"),
        (("--trials", "1", "--vary", "lr,epochs"), "at a given cost"),
        (("--trials", "1", "--vary", "batch-size"), "a flag gives that value"),
        (("--trials", "1", "--vary", "speed"), "no value to vary is called 'speed'"),
    ],
)
def test_what_cannot_be_searched_is_one_line(
    more: tuple[str, ...], words: str, tmp_path: Path, capsys, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert status(*QUICK, *more) == 2
    errors = capsys.readouterr().err
    assert words in errors and errors.count("\n") == 1
    assert not list(tmp_path.iterdir())
