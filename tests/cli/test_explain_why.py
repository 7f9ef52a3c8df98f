"""Reasons in the terminal: flags, files, words and JSON of ``convatlas explain``."""

import json
import re
from pathlib import Path

import pytest
from PIL import Image

from convatlas import data
from convatlas.runs import Run
from tests.cli.ended import status


@pytest.fixture(autouse=True)
def three(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.chdir(tmp_path)
    pixels = data.load("digits-5k").test.images[165, 0].numpy()
    Image.fromarray(255 - pixels).save("three.png")
    return tmp_path / "three.png"


def test_reasons_are_written_as_pictures_and_told(
    trained_run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = (
        *("explain", str(trained_run.path), "three.png", "--layer", "features.conv1"),
        *("--heat", "all", "--sanity", "--exciting", "features.conv2:4"),
        *("--embedding", "pca", "--similar", "3", "--out", "why"),
    )
    assert status(*arguments) == 0
    out = capsys.readouterr().out
    for method in ("grad-cam", "integrated-gradients", "occlusion", "guided-backprop"):
        assert f"\n{method}: " in out
    files = {str(path.relative_to("why")) for path in Path("why").rglob("*.png")}
    assert {
        "three/heat/heat.png",
        "three/similar/similar.png",
        "network/sanity/sanity.png",
        "network/exciting/features.conv2.png",
        "network/embedding/pca.png",
    } <= files
    page = Path("why/index.html").read_text(encoding="utf-8")
    for title in ("Heat maps", "Most similar pictures", "What excites a unit"):
        assert title in page
    assert not re.search(r"(src|href)=.https?:", page)


def test_json_has_the_numbers(
    trained_run: Run, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = (
        *("explain", str(trained_run.path), "three.png", "--layer", "features.conv1"),
        *("--heat", "occlusion", "--target", "8", "--similar", "2", "--json"),
    )
    assert status(*arguments) == 0
    plain = json.loads(capsys.readouterr().out)
    (heat,) = plain["pictures"][0]["heat"]["maps"]
    assert heat["method"] == "occlusion" and heat["target"] == "8"
    assert len(plain["pictures"][0]["similar"]["pictures"]) == 2


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--heat", "cam"), "no method is called 'cam'"),
        (("--heat", "all", "--target", "11"), "--target 11: the classes are 0, 1"),
        (("--heat", "all", "--digit", "x"), "--digit x: must be a place"),
        (("--exciting", "features.conv7"), "no layer is called 'features.conv7'"),
        (("--similar", "3", "--data", "mnist", "--data-dir", "."), "not in ."),
        (("--embedding", "pca", "--data", "mnits"), "no data set is called 'mnits'"),
    ],
)
def test_faults_are_one_line_and_leave_nothing(
    flags: tuple[str, ...],
    said: str,
    trained_run: Run,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert status("explain", str(trained_run.path), "three.png", *flags) == 2
    errors = capsys.readouterr().err.strip().splitlines()
    (line,) = [line for line in errors if line.startswith("convatlas: ")]
    assert said in line
    assert [path.name for path in Path().iterdir()] == ["three.png"]
