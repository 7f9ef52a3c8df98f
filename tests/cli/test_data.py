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


def numbers(folder: Path) -> None:
    """A list of ten pictures: a number, a bar of light and a ground each."""
    folder.mkdir()
    lines = ["file,number,left,top,width,height"]
    for row in range(10):
        pixels = np.random.RandomState(row).randint(0, 90, (20, 40, 3))
        pixels[5:15, 10:20] = 250
        name = f"{row}.png"
        Image.fromarray(pixels.astype(np.uint8)).save(folder / name)
        lines.append(f"{name},{10 ** (row % 3)},10,5,10,10")
    (folder / "list.csv").write_text("\n".join(lines))


def test_a_sheet_of_house_numbers(terminal, tmp_path: Path) -> None:
    numbers(tmp_path / "own")
    status, out, errors = terminal("data show numbers:own/list.csv")
    assert (status, errors) == (0, "")
    rows = [line.split() for line in out.splitlines() if line.strip()]
    assert ["digits", "pictures", "share"] in rows
    counts = {row[0]: row[1] for row in rows if row[-1] == "%"}
    assert counts.keys() == {"1", "2", "3"} and sum(map(int, counts.values())) == 8
    with Image.open(tmp_path / "list-train.png") as picture:
        assert picture.width > 1000
    status, out, _ = terminal("data show numbers:own/list.csv --json")
    assert json.loads(out)["counts"] == {k: int(v) for k, v in counts.items()}


def test_check_says_what_is_wrong_and_exits_with_one(terminal, tmp_path: Path) -> None:
    numbers(tmp_path / "own")
    status, out, errors = terminal("data check numbers:own/list.csv")
    assert (status, errors) == (0, "") and "nothing found" in out
    assert "train 8, validation 1, test 1" in out
    assert "pictures by digits: 1: 4, 2: 3, 3: 3" in out
    (tmp_path / "own/3.png").unlink()
    status, out, _ = terminal("data check numbers:own/list.csv --places 2")
    assert status == 1
    assert (
        "in the list but not there" in out and "100 has 3 digits, places are 2" in out
    )
    status, out, _ = terminal("data check numbers:own/list.csv --json --places 2")
    found = json.loads(out)["findings"]
    assert status == 1 and [one["kind"] for one in found] == ["missing"] + ["long"] * 3
    status, out, _ = terminal("data check digits-5k")
    assert status == 0 and "train 4,000, validation 500, test 500" in out


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("data check mchar", "mchar_train.json and mchar_val.json are not there; its"),
        ("data check digits-5k --places 0", "--places 0: a network needs at least one"),
        ("data show numbers:no.csv", "no.csv: cannot be read"),
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
