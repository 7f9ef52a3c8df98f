"""House numbers as a user types them."""

import json
from pathlib import Path

import pytest

from convatlas.cli import main

from ..verbs.house_numbers import TEST, folder_of_numbers


def convatlas(capsys, *arguments: str, status: int = 0) -> tuple[str, str]:
    with pytest.raises(SystemExit) as exit:
        main(list(arguments))
    assert (exit.value.code or 0) == status
    written = capsys.readouterr()
    return str(written.out), str(written.err)


def test_train_evaluate_submit_predict(tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    folder = str(folder_of_numbers(tmp_path / "data"))
    monkeypatch.setenv("CONVATLAS_DATA", folder)
    convatlas(
        capsys,
        *("train", "street-cnn", "--data", "protocol-p", "--view", "number"),
        *("--recipe", "tutorial-000-street", "--batch-size", "16", "--epochs", "1"),
        *("--out", "reader"),
    )
    out, _ = convatlas(capsys, "evaluate", "reader", "--min-confidence", ".3")
    for words in (
        "true crops, margin 15 %",
        "95 % interval",
        "at temperature",
        "coverage at 98 % right",
        "confidence 0.3 and more",
        "longer than the 5 digits that this network can say, and so wrong",
        "digits' height, pixels",
        "reader/test-coverage.png",
    ):
        assert words in out
    shown, _ = convatlas(
        capsys, "evaluate", "reader", "--margin", ".05", ".3", "--view", "number"
    )
    assert "true crops, margins 5, 30 %" in shown and "2 looks averaged" in shown
    asked = convatlas(capsys, "evaluate", "reader", "--view", "whole", "--json")
    figures = json.loads(asked[0])
    assert figures["shown"] == "whole pictures" and figures["count"] == TEST

    _, err = convatlas(capsys, "evaluate", "reader", "--data", "mchar", status=2)
    assert "'convatlas submit reader --data mchar'" in err and err.count("\n") == 1
    _, err = convatlas(
        capsys, "evaluate", "reader", "--test-resize", "70by140", status=2
    )
    assert "--test-resize 70by140: must be a side in pixels" in err

    out, err = convatlas(capsys, "submit", "reader", "--out", "mine.csv")
    assert "wrote mine.csv: 3 numbers, mean confidence" in out
    assert "learned from numbers that were cut out" in err
    assert len(Path("mine.csv").read_text().splitlines()) == 4

    picture = f"{folder}/house-numbers/mchar_test_a/000001.png"
    found = json.loads(convatlas(capsys, "predict", "reader", picture, "--json")[0])
    assert len(found[0]["answers"]) == 1
    out, _ = convatlas(capsys, "runs", ".")
    assert "reader" in out
