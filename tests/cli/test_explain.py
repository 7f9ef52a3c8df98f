import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from convatlas import data
from convatlas.runs import Run
from tests.cli.ended import status


@pytest.fixture
def digit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    pixels = data.load("digits-5k").test.images[3, 0].numpy()
    Image.fromarray(pixels).save(tmp_path / "digit.png")
    return tmp_path / "digit.png"


def test_a_page_and_pictures_appear_here(
    trained_run: Run, digit: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = status(
        "explain", trained_run.path, digit, "--layer", "features.conv1",
        "--unit", "1,2,3", "--channels", "2",
    )  # fmt: skip
    assert ended == 0
    out = capsys.readouterr().out
    assert "digit.png: " in out and "features.conv1 1,2,3: " in out
    assert "Σ 25 products" in out and "written: lenet-explained/index.html" in out
    folder = digit.parent / "lenet-explained"
    assert (folder / "index.html").is_file()
    names = {str(p.relative_to(folder)) for p in folder.rglob("*.png")}
    assert names == {
        "digit/maps/001-features.conv1.png",
        "digit/values/features.conv1-1-2-3.png",
        "network/filters/001-features.conv1.png",
    }


def test_json_is_all_that_is_printed_and_written(
    trained_run: Run, digit: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(digit.parent.iterdir())
    assert status("explain", trained_run.path, digit, "--json") == 0
    plain = json.loads(capsys.readouterr().out)
    assert plain["trained"] and plain["network"] == "lenet5-tanh"
    assert len(plain["pictures"][0]["answers"]) == 10
    assert sorted(digit.parent.iterdir()) == before


def test_an_untrained_network_is_said_to_be_one(
    digit: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ended = status(
        "explain", "lenet5-maxpool", digit, "--format", "none", "--language", "zh",
        "--out", "page", "--own-scale",
    )  # fmt: skip
    assert ended == 0
    assert "'convatlas train lenet5-maxpool' trains it" in capsys.readouterr().out
    assert [p.name for p in Path("page").iterdir()] == ["index.html"]
    assert '<html lang="zh-CN">' in Path("page/index.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["lenet9", "digit.png"], "no run or network is called 'lenet9'"),
        (["lenet5-tanh", "nowhere.png"], "nowhere.png: no such file"),
        (["lenet5-tanh", "digit.png", "--unit", "a"], "--unit a: must be numbers"),
        (["lenet5-tanh", "digit.png", "--unit", "1"], "name one with --layer"),
        (
            ["lenet5-tanh", "digit.png", "--own-scale", "--shared-scale"],
            "--own-scale and --shared-scale: choose one",
        ),
        (["lenet5-tanh", "digit.png", "--layer", "x"], "no layer is called 'x'"),
        (["lenet5-tanh", "digit.png", "--channels", "-2"], "channels = -2"),
        (["lenet9", "digit.png", "--out", "digit.png"], "digit.png: is a file; name"),
        (["lenet5-tanh"], "PICTURES"),
    ],
)
def test_faults_are_one_line_and_write_nothing(
    arguments: list[str],
    said: str,
    digit: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = sorted(digit.parent.iterdir())
    assert status("explain", *arguments) == 2
    captured = capsys.readouterr()
    assert captured.out == "" and said in captured.err
    assert captured.err.count("\n") == 1
    assert sorted(digit.parent.iterdir()) == before


@pytest.mark.slow
def test_ctrl_c_leaves_nothing_half_written(digit: Path) -> None:
    """While a deep network's hundreds of sheets are drawn."""
    process = subprocess.Popen(
        [sys.executable, "-m", "convatlas", "explain", "resnet110", "digit.png"],
        cwd=digit.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    until = time.monotonic() + 120
    while not list(digit.parent.glob(".resnet110-explained.*/digit/maps/*.png")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130 and errors == "convatlas: stopped\n"
    assert [p.name for p in digit.parent.iterdir()] == ["digit.png"]
