import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convatlas.cli import main


@pytest.fixture
def terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    """Runs a command line in an empty folder: status, output, errors."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CONVATLAS_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("COLUMNS", "100")

    def run(line: str) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as left:
            main(line.split())
        out, errors = capsys.readouterr()
        assert isinstance(left.value.code, int)
        return left.value.code, out, errors

    return run


def pets(root: Path) -> None:
    for c, name in enumerate(("猫", "狗")):
        (root / name).mkdir(parents=True)
        for i in range(10):
            pixels = np.full((8, 8), 20 * i + c, np.uint8)
            Image.fromarray(pixels).save(root / name / f"{i}.png")
    (root / "猫" / "bad.png").write_bytes(b"")


def test_the_list(terminal, tmp_path: Path) -> None:
    status, out, _ = terminal("data")
    assert status == 0
    rows = {line.split()[0]: line for line in out.splitlines() if line.strip()}
    assert " 70,000 " in rows["mnist"] and " no " in rows["mnist"]
    assert " 5,000 " in rows["digits-5k"] and " yes " in rows["digits-5k"]
    assert "12 MB" in rows["mnist"] and "1×28×28" in rows["mnist"]
    assert f"data folder: {tmp_path / 'data'}" in out


def test_the_list_for_programs(terminal) -> None:
    status, out, _ = terminal("data --json")
    listed = {entry["name"]: entry for entry in json.loads(out)}
    assert status == 0
    assert listed["cifar10"]["images"] == {
        "train": 45_000,
        "validation": 5_000,
        "test": 10_000,
    }
    assert listed["digits-5k"]["present"] and not listed["cifar10"]["present"]


def test_a_sheet_of_the_digits(terminal, tmp_path: Path) -> None:
    status, out, errors = terminal("data show")
    assert (status, errors) == (0, "")
    assert "digits-5k, train: 4,000 pictures, 1×28×28" in out
    assert out.count("400   10.00 %") == 10
    with Image.open(tmp_path / "digits-5k-train.png") as picture:
        assert picture.width > 600


def test_another_split_and_file(terminal, tmp_path: Path) -> None:
    status, out, _ = terminal("data show digits-5k --split test --out 图.svg --json")
    shown = json.loads(out)
    assert status == 0 and shown["picture"] == "图.svg"
    assert shown["counts"] == {str(digit): 50 for digit in range(10)}
    assert "<svg" in (tmp_path / "图.svg").read_text(encoding="utf-8")


def test_a_folder_with_a_bad_file(terminal, tmp_path: Path) -> None:
    pets(tmp_path / "宠物")
    status, out, errors = terminal("data show folder:宠物")
    assert (status, out) == (2, "")
    assert errors == (
        "convatlas: 宠物/猫/bad.png: is empty (0 bytes); --skip-bad leaves such files "
        "out\n"
    )
    status, out, errors = terminal("data show folder:宠物@6x7 --skip-bad")
    assert status == 0 and "1×6×7" in out
    assert errors == "left out 猫/bad.png: is empty (0 bytes)\n"
    assert (tmp_path / "宠物-6x7-train.png").is_file()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("data show mnits", "no data set is called 'mnits'; did you mean mnist?"),
        ("data show --split all", 'Choose from: "train", "validation", "test"'),
        ("data show --out x.bmp", "x.bmp: pictures are written as .png or .svg"),
        ("data show folder:none", "none: no such folder"),
        ("data download cifar", "did you mean cifar10"),
        ("data download", "requires an argument"),
        ("data list", "list"),
    ],
)
def test_faults_are_one_line(terminal, line: str, words: str) -> None:
    status, out, errors = terminal(line)
    assert status == 2 and out == ""
    assert errors.startswith("convatlas: ") and errors.count("\n") == 1
    assert words in errors


def test_there_is_nothing_to_fetch_of_the_package(terminal) -> None:
    status, out, _ = terminal("data download digits-5k")
    assert status == 0 and "part of the package; nothing to fetch" in out


def test_help_teaches(terminal) -> None:
    status, out, _ = terminal("data --help")
    assert status == 0 and "folder:PATH@64x96" in out and "download" in out
    status, out, _ = terminal("data download --help")
    assert status == 0 and "CONVATLAS_MIRROR" in out
