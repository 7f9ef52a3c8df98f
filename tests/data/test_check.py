import json
from pathlib import Path

import pytest
from PIL import Image

from convatlas.data import load
from convatlas.data.check import Finding, check_numbers
from convatlas.data.check_classes import check_classes
from convatlas.data.mchar import list_contest
from convatlas.progress import silent

from .number_pictures import Entry, contest, draw, write_json


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    contest(tmp_path, "mchar_train", {f"{i}.png": str(30 + i) for i in range(6)})
    contest(tmp_path, "mchar_val", {f"{i}.png": str(200 + i) for i in range(10, 14)})
    return tmp_path


def found(folder: Path, places: int = 5) -> list[Finding]:
    return check_numbers(list_contest(folder, silent), places, silent)


def entry(number: str, *boxes: tuple[float, float, float, float]) -> Entry:
    left, top, width, height = map(list, zip(*boxes, strict=True))
    label = [float(int(digit)) for digit in number]
    return dict(label=label, left=left, top=top, width=width, height=height)


def change(folder: Path, name: str, new: Entry) -> None:
    path = folder / "mchar_train.json"
    write_json(folder, "mchar_train", {**json.loads(path.read_text()), name: new})


def test_nothing_is_found_where_nothing_is_wrong(folder: Path) -> None:
    assert found(folder) == []


def test_missing_unlisted_and_unreadable_files(folder: Path) -> None:
    (folder / "mchar_train/1.png").unlink()
    draw(folder / "mchar_val" / "99.png", "5")
    (folder / "mchar_val" / "10.png").write_bytes(b"")
    assert [(f.kind, f.file) for f in found(folder)] == [
        ("missing", "mchar_train/1.png"),
        ("unlisted", "mchar_val/99.png"),
        ("unreadable", "mchar_val/10.png"),
    ]
    assert found(folder)[2].what == "is empty (0 bytes)"


@pytest.mark.parametrize(
    ("number", "boxes", "kind", "words"),
    [
        ("1", [(55, 5, 8, 9)], "box", "the 1 is 3 pixels outside 60×30 (55, 5 to 63"),
        ("1", [(-2, 5, 8, 9)], "box", "the 1 is 2 pixels outside"),
        ("1", [(5, 28, 8, 9)], "box", "the 1 is 7 pixels outside"),
        ("1", [(5, 5, 0, 9)], "box", "the 1 has no area"),
        (
            "12",
            [(20, 5, 8, 9), (10, 5, 8, 9)],
            "order",
            "12: the digits' middles are 24",
        ),
        ("12", [(20, 15, 8, 9), (21, 2, 8, 9)], "order", "12: the digits' middles"),
    ],
)
def test_odd_boxes(
    folder: Path, number: str, boxes: list, kind: str, words: str
) -> None:
    change(folder, "2.png", entry(number, *boxes))
    (finding,) = found(folder)
    assert (finding.kind, finding.file) == (kind, "mchar_train/2.png")
    assert words in finding.what


@pytest.mark.parametrize(
    "boxes",
    [
        [(0, 5, 8, 9), (52.5, 5, 8, 9)],  # out by half a pixel: rounding
        [(20, 2, 8, 9), (19, 15, 8, 9)],  # one digit below the other
        [(10, 16, 8, 9), (20, 2, 8, 9)],  # slanting upwards
    ],
)
def test_boxes_that_are_as_they_should(folder: Path, boxes: list) -> None:
    change(folder, "2.png", entry("12", *boxes))
    assert found(folder) == []


def test_numbers_that_a_network_cannot_say(folder: Path) -> None:
    assert {f.file for f in found(folder, places=2)} == {
        f"mchar_val/{i}.png" for i in range(10, 14)
    }
    (finding, *_) = found(folder, places=2)
    assert finding.kind == "long"
    assert finding.what == "210 has 3 digits, places are 2"


def test_copies_across_splits_with_other_labels(folder: Path) -> None:
    content = (folder / "mchar_train/2.png").read_bytes()
    (folder / "mchar_train/3.png").write_bytes(content)
    (folder / "mchar_val/11.png").write_bytes(content)
    within, across = found(folder)
    assert (within.kind, within.file, within.splits) == (
        "duplicate",
        "mchar_train/3.png",
        (),
    )
    assert within.what == "as mchar_train/2.png, labelled 32 and 33"
    assert across.splits == ("train", "validation")
    assert across.what.endswith("labelled 32 and 211, in train and validation")


def test_nearly_the_same_picture(folder: Path) -> None:
    with Image.open(folder / "mchar_train/2.png") as image:
        image.resize((120, 60)).save(folder / "mchar_val/11.png")
    (finding,) = found(folder)
    assert finding.kind == "similar" and finding.file == "mchar_val/11.png"
    assert finding.splits == ("train", "validation")


def test_pictures_of_classes(tmp_path: Path) -> None:
    for label in ("cat", "dog"):
        for row in range(12):
            draw(tmp_path / label / f"{label}{row}.png", str(row))
    name = f"folder:{tmp_path}"
    clean, none = check_classes(load(name), silent)
    assert sum(clean.values()) == 24 and none == []
    content = (tmp_path / "cat/cat1.png").read_bytes()
    (tmp_path / "dog/copy.png").write_bytes(content)
    (tmp_path / "dog/bad.png").write_bytes(b"")
    _, findings = check_classes(load(name, skip_bad=True), silent)
    bad, copy = findings
    assert (bad.kind, bad.file) == ("unreadable", "dog/bad.png")
    assert copy.kind == "duplicate" and "labelled" in copy.what
    assert {"cat/cat1.png", "dog/copy.png"} == {
        copy.file,
        copy.what.removeprefix("the same pixels as ").split(",")[0],
    }
