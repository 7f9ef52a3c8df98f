"""show, compare-networks and field in the terminal."""

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.ended import status


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)


def test_show_prints_a_table_that_fits(capsys: pytest.CaptureFixture[str]) -> None:
    assert status("show", "vgg16") == 0
    out = capsys.readouterr().out
    lines = out.splitlines()
    first = next(line for line in lines if "conv1" in line).split()
    assert (
        first
        == "conv1 conv 3→64 k3 p1 64×224×224 1,792 <1 % 86.7 M <1 % 12.8 MB 3".split()
    )
    assert "138,357,544 parameters (553 MB), 15.5 GMACs" in out
    assert "16 layers deep" in out and "…" not in out
    assert all(len(line) <= 100 for line in lines[:-2])


def test_a_deep_network_is_cut_and_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert status("show", "densenet121") == 0
    out = capsys.readouterr().out
    assert len(out.splitlines()) < 100 and "rows inside are not shown; --depth" in out


def test_depth_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert status("show", "lenet5-tanh", "--depth", "1") == 0
    out = capsys.readouterr().out
    assert "features" in out and "conv1" not in out and "50,692  82 %" in out


def test_json_is_only_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert status("show", "lenet5-tanh", "--json", "--input", "32") == 0
    values = json.loads(capsys.readouterr().out)
    assert values["input"] == [1, 32, 32] and values["name"] == "lenet5-tanh"


def test_csv_and_markdown(capsys: pytest.CaptureFixture[str]) -> None:
    assert status("show", "mnist-cnn", "--csv") == 0
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert sum(int(row["parameters"]) for row in rows) == 8490
    assert status("show", "mnist-cnn", "--markdown") == 0
    assert "| **total** | | | **8,490** |" in capsys.readouterr().out


def test_times_are_measured(capsys: pytest.CaptureFixture[str]) -> None:
    given = ("--time", "--batch", "2", "--threads", "1")
    assert status("show", "mnist-cnn", *given) == 0
    out = capsys.readouterr().out
    assert "GMAC/s" in out and "1 thread; large matrix product" in out
    assert status("show", "mnist-cnn", *given, "--json") == 0
    timing = json.loads(capsys.readouterr().out)["timing"]
    assert timing["threads"] == 1 and timing["processor"]


def test_show_draws(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert status("show", "lenet5-tanh", "--diagram", "net.svg") == 0
    assert "drawn: net.svg" in capsys.readouterr().out
    assert (tmp_path / "net.svg").read_text().startswith("<svg")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("lenet5-tahn",), "no network is called 'lenet5-tahn'; did you mean lenet5-"),
        (("mnist-cnn", "--json", "--csv"), "one of --markdown, --json and --csv at a"),
        (("mnist-cnn", "--depth", "0"), "--depth 0: must be at least 1"),
        (("mnist-cnn", "--input", "3x"), "--input 3x: must be channels×height×width"),
        (("mnist-cnn", "--input", "1x2x3x4"), "--input 1x2x3x4: must be channels×"),
        (
            ("mnist-cnn", "--diagram", "net.gif"),
            "net.gif: diagrams are written as .svg",
        ),
        (("no.such.module:Net", "--input", "28"), "no module 'no' can be imported"),
        ((), "Parameter NETWORK requires an argument"),
    ],
)
def test_what_show_refuses(
    arguments: tuple[str, ...], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert status("show", *arguments) == 2
    out, error = capsys.readouterr()
    assert out == "" and error.startswith(f"convatlas: {message}")
    assert error.count("\n") == 1


def test_networks_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    names = ("alexnet", "vgg16", "resnet18")
    assert status("compare-networks", *names, "--dense-equivalent") == 0
    out = capsys.readouterr().out
    line = next(x for x in out.splitlines() if "in fully connected" in x)
    assert line.split()[-6:] == ["96", "%", "89", "%", "4", "%"]
    assert "vgg16 has 11.8 times the parameters of resnet18" in out
    assert "16.7 T" in out
    assert status("compare-networks", *names, "--json") == 0
    profiles = json.loads(capsys.readouterr().out)
    assert [p["layers"] for p in profiles] == [8, 16, 18]


def test_a_field_is_drawn(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    layer = ("--layer", "features.conv2", "--samples", "1")
    assert status("field", "lenet5-tanh", *layer, "--unit", "0,0") == 0
    out = capsys.readouterr().out
    assert "rows -2 to 11, columns -2 to 11 (14×14 pixels" in out
    assert (tmp_path / "lenet5-tanh-features.conv2-field.png").exists()
    assert status("field", "lenet5-tanh", *layer, "--json") == 0
    assert json.loads(capsys.readouterr().out)["patch"] == [8, 8, 21, 21]


@pytest.mark.parametrize("unit", ["3", "a,b", "-1,2"])
def test_units_that_are_none(unit: str, capsys: pytest.CaptureFixture[str]) -> None:
    given = ("--layer", "features.conv2", f"--unit={unit}")
    assert status("field", "lenet5-tanh", *given) == 2
    expected = f"convatlas: --unit {unit}: must be row,column, e.g. 3,5\n"
    assert capsys.readouterr().err == expected


@pytest.mark.parametrize("command", ["show", "compare-networks", "field"])
def test_help_teaches(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert status(command, "--help") == 0
    out = capsys.readouterr().out
    assert "Examples:" in out and f"convatlas {command}" in out
