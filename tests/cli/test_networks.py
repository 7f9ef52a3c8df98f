"""``convatlas networks`` as a user types it."""

import json

import pytest

from convatlas.cli.networks import parse_count, short
from convatlas.errors import UsageError
from tests.cli.ended import status


def run(*arguments: str) -> int:
    return status("networks", *arguments)


def test_table_fits_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    assert run("--family", "alexnet") == 0
    out = capsys.readouterr().out
    (line,) = [text for text in out.splitlines() if "alexnet-owt" in text]
    assert line.split()[:7] == [
        *("alexnet-owt", "2014", "3×224×224", "61.1", "M", "714", "M")
    ]
    assert "Krizhevsky, arXiv:1404.5997" in line
    assert "alexnet-gray-unpadded" in out
    assert max(map(len, out.splitlines())) <= 100
    assert "6 networks; every layer of one: convatlas show NETWORK" in out


def test_json_is_all_there_is(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--json", "--max-params", "62k") == 0
    found = {one["name"]: one for one in json.loads(capsys.readouterr().out)}
    assert found["lenet5-tanh"]["parameters"] == 61_706
    assert found["lenet5-tanh"]["input"] == [1, 28, 28]
    assert "resnet20" not in found
    assert run("--json", "--family", "alexnet") == 0
    weights = {
        one["name"]: one["weights"] for one in json.loads(capsys.readouterr().out)
    }
    assert weights["alexnet-owt"] == ["imagenet"] and weights["alexnet"] == []


def test_none_found(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--max-params", "10") == 0
    assert capsys.readouterr().out.startswith("0 networks")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--max-params", "many"], "--max-params many: must be a number of parameters"),
        (["--input", "28x"], "--input 28x: must be a side in pixels"),
        (["--family", "vg"], "no family is called 'vg'; did you mean vgg"),
        (["lenet5"], "Unused Tokens: ['lenet5']"),
    ],
)
def test_faults_take_one_line_and_status_2(
    arguments: list[str], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(f"convatlas: {text}")
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "count"),
    [("60000", 60_000), ("100k", 100_000), ("5M", 5_000_000), ("1.5m", 1_500_000)],
)
def test_counts(text: str, count: int) -> None:
    assert parse_count(text) == count


@pytest.mark.parametrize("text", ["", "M", "-5", "5 000", "1e6", "5T"])
def test_no_counts(text: str) -> None:
    with pytest.raises(UsageError):
        parse_count(text)


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (999, "999"),
        (8_490, "8.49 k"),
        (61_706, "61.7 k"),
        (999_600, "1.00 M"),
        (138_357_544, "138 M"),
        (15_470_264_320, "15.5 G"),
    ],
)
def test_three_figures(count: int, text: str) -> None:
    assert short(count) == text
