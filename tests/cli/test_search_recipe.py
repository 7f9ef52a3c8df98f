"""``convatlas search-recipe`` from the terminal's side."""

from pathlib import Path

import pytest

from convatlas import recipes
from convatlas.cli import main

QUICK = (
    *("search-recipe", "mnist-cnn", "--data", "digits-5k", "--device", "cpu"),
    *("--pictures", "320", "--stages", "1", "--batch-size", "32", "--epochs", "1"),
)


def status(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        main(list(arguments))
    return int(ended.value.code or 0)


def test_it_writes_a_recipe_that_says_how_it_was_found(
    tmp_path: Path, capsys, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert status(*QUICK, "--vary", "lr", "--trials", "2", "--confirm", "1") == 0
    printed = capsys.readouterr().out
    assert "try 0:" in printed and "finalist" in printed
    assert (tmp_path / "search-mnist-cnn-digits-5k.jsonl").is_file()
    path = tmp_path / "mnist-cnn.digits-5k.toml"
    cost, how = path.read_text().splitlines()[:2]
    assert cost.startswith("# ") and "validation accuracy" in cost and "(n = 1)" in cost
    assert "2 tries on validation, 320 training pictures" in how
    found = recipes.load(str(path))
    assert (found.batch_size, found.epochs) == (32, 1)


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ((), "a search needs an end"),
        (("--trials", "0"), "--trials 0: must be above 0"),
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
