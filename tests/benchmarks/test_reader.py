"""The comparison of readers: its figures with made answers, and a side of it."""

import json
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from benchmarks.reader.__main__ import Side, ask_side
from benchmarks.reader.answers import Answer, Said, ask, digits_of
from benchmarks.reader.figures import figures
from benchmarks.reader.kept import Kept, load, save
from benchmarks.reader.ours import ask_ours
from benchmarks.reader.page import Cell, page
from benchmarks.reader.pictures import MARGIN, Shown, chosen, crop, cut_out, digest
from benchmarks.reader.plot import draw
from convatlas.data.numbered import NumberedPicture

from ..reading.oracle import oracle_bundle, painted


class Width:
    """Reads the width of a picture; raises an error for one of 13 pixels."""

    version, how, megabytes = "1", "so", 2.5

    def read(self, image: Image.Image) -> tuple[str, float | None]:
        assert image.mode == "RGB"
        if image.width == 13:
            raise ValueError("unlucky")
        return f"No {image.width}", None


def saved(folder: Path, *widths: int) -> list[Path]:
    files = [folder / f"{width}.png" for width in widths]
    for file, width in zip(files, widths, strict=True):
        Image.new("P", (width, 8)).save(file)
    return files


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("No. 12-3 A", "123"),
        ("\uff14\uff12", "42"),  # full width
        ("\u2460\u00b2", "12"),  # circled, raised
        ("\u0664", ""),  # Arabic-Indic, which is another sign
        ("l O", ""),
        ("", ""),
    ],
)
def test_digits_of_a_text(text: str, number: str) -> None:
    assert digits_of(text) == number


def test_a_picture_that_raises_has_no_answer(tmp_path: Path) -> None:
    said = ask(Width(), saved(tmp_path, 12, 13, 40), confidence=lambda image: 0.5)
    assert [one.number for one in said.answers] == ["12", "", "40"]
    assert [one.confidence for one in said.answers] == [0.5, None, 0.5]
    # told once, though it was also read to warm up
    assert said.faults == ("13.png: ValueError: unlucky",)
    assert all(one.milliseconds > 0 for one in said.answers)


def test_answers_are_kept_as_they_were(tmp_path: Path) -> None:
    said = Said(
        "1", "so", 2.5, (Answer("４", None, 1.5), Answer("x", 0.25, 2.5)), ("f",)
    )
    kept = Kept(said, "a processor", 0.5, "2020-02-02")
    path = tmp_path / "new" / "side.json"
    assert load(path) is None
    save(path, kept)
    assert load(path) == kept


def test_figures_count_whole_numbers() -> None:
    answers = [
        Answer("17", 0.9, 1.0),
        Answer("7", 0.8, 2.0),  # a digit too few
        Answer("5 ", 0.7, 30.0),
        Answer("", 0.99, 4.0),  # sure of no number: no answer
    ]
    found = figures(answers, ["17", "27", "5", "3"], [10.0, 20.0, 30.0, 15.0])
    assert (found.all.count, found.all.correct) == (4, 2)
    assert found.all.interval == pytest.approx((0.1500, 0.8500), abs=1e-4)
    assert found.milliseconds == 3.0
    assert [(g.name, g.correct, g.count) for g in found.lengths] == [
        ("1", 1, 2),
        ("2", 1, 2),
    ]
    assert [(g.correct, g.count) for g in found.heights] == [
        (1, 1),
        (0, 2),
        (1, 1),
        (0, 0),
    ]
    points = [(point.coverage, point.accuracy) for point in found.coverage]
    assert points == [(0.25, 1.0), (0.5, 0.5), (0.75, pytest.approx(2 / 3)), (1.0, 0.5)]
    assert found.at_goal is not None and found.at_goal.coverage == 0.25


def test_what_has_no_confidence_is_answered_together() -> None:
    answers = [Answer(text, None, 1.0) for text in "1234"]
    found = figures(answers, ["1", "2", "3", "9"], [10.0] * 4)
    assert {(p.coverage, p.accuracy) for p in found.coverage} == {(1.0, 0.75)}
    assert found.at_goal is None


def test_confidences_that_differ_in_the_tenth_place_are_in_order() -> None:
    answers = [Answer("1", 1 - 2e-10, 1.0), Answer("2", 1 - 1e-10, 1.0)]
    found = figures(answers, ["9", "2"], [10.0, 10.0])
    assert found.at_goal is not None and found.at_goal.coverage == 0.5


def test_a_true_crop_has_the_protocols_margin() -> None:
    image = Image.new("RGB", (200, 100), "white")
    ImageDraw.Draw(image).rectangle((60, 40, 99, 59), fill="black")
    cut = crop(image, (60.0, 40.0, 100.0, 60.0), MARGIN)
    assert cut.size == (52, 26)  # 40 + 2 × 6, 20 + 2 × 3
    assert cut.getpixel((5, 13)) == (255, 255, 255)
    assert cut.getpixel((6, 13)) == cut.getpixel((45, 13)) == (0, 0, 0)
    assert crop(image, (0.0, 0.0, 200.0, 90.0), MARGIN).size == (
        200,
        100,
    )  # no more is there


def test_heights_end_where_the_picture_does(tmp_path: Path) -> None:
    Image.new("RGB", (80, 40)).save(tmp_path / "a.png")
    boxes = ((10.0, -5.0, 10.0, 25.0), (20.0, 30.0, 10.0, 30.0))
    item = NumberedPicture(tmp_path / "a.png", "a.png", "12", boxes)
    whole = Shown(item, item.path, 0.0)
    (one,) = cut_out([whole], tmp_path)
    assert one.height == 15.0  # of 20 and 10 pixels
    assert (one.file("whole"), one.file("crops")) == (item.path, one.crop)
    with Image.open(one.crop) as cut:
        assert cut.size == (26, 40)
    assert digest([one]) == digest([whole]) != digest([])


def protocol_p(folder: Path) -> Path:
    """A data folder with ten pictures for each of its parts."""
    entry = {name: [1] for name in ("label", "left", "top", "width", "height")}
    for part in ("mchar_train", "mchar_val", "svhn_test_rest"):
        (folder / part).mkdir(parents=True)
        names = [f"{i:06}.png" for i in range(10)]
        for name in names:
            Image.new("RGB", (8, 8)).save(folder / part / name)
        labels = {name: entry for name in names}
        (folder / f"{part}.json").write_text(json.dumps(labels))
    return folder


def test_a_few_pictures_are_the_first_of_all(tmp_path: Path) -> None:
    folder = protocol_p(tmp_path)
    every = [one.item.name for one in chosen("test", folder, None)]
    assert sorted(every) == [f"svhn_test_rest/{i:06}.png" for i in range(10)]
    assert every != sorted(every)
    assert [one.item.name for one in chosen("test", folder, 4)] == every[:4]


def cell(texts: str) -> Cell:
    answers = tuple(Answer(text, 0.5, 2.0) for text in texts)
    kept = Kept(Said("1.0", "so", 2.5, answers), "a processor", 0.5, "2020-02-02")
    return Cell(kept, figures(answers, list("1234"), [20.0] * 4))


def test_the_page_and_its_plot(tmp_path: Path) -> None:
    rows = {
        "convatlas: a": {"whole": cell("1239"), "crops": cell("1234")},
        "convatlas: b": {"whole": cell("1999"), "crops": cell("1239")},
        "Tesseract": {"whole": cell("9999"), "crops": Cell(fault="no tesseract")},
        "ddddocr": {"whole": Cell(fault="no ddddocr")},
    }
    picture = tmp_path / "images" / "coverage.svg"
    text = page(
        rows,
        split="validation",
        count=4,
        limited=True,
        command="python",
        picture=picture,
        out=tmp_path / "results" / "reader.md",
    )
    assert "validation pictures, the first 4 in a fixed random order" in text
    assert "](../images/coverage.svg)" in text
    assert (
        "| convatlas: a | 4 | **75.00** (30.1 to 95.4) | - | 2.0 | 2.5 "
        "| 4 | **100.00** (51.0 to 100.0) | 100.0 | 2.0 | 2.5 |"
    ) in text
    assert "| Tesseract | 4 | **0.00** (0.0 to 49.0) | - | 2.0 | 2.5 | fails" in text
    assert "| ddddocr | fails: no ddddocr | | | | | not asked | | | | |" in text
    assert "whole pictures 50.00 ± 35.36 (n = 2); true crops 87.50 ± 17.68" in text
    assert "## convatlas: b, by height of the digits" in text
    assert "| 15 to 25 | 4 | 25.00 (4.6 to 69.9) | 75.00 (30.1 to 95.4) |" in text
    assert "## Tesseract, by" not in text
    assert "| Tesseract | whole pictures | 1.0 | so | 0 | 0.5 | 2020-02-02 |" in text
    drawn = draw(rows, picture).read_text()
    assert "convatlas: b" in drawn and "Tesseract" in drawn and "ddddocr" not in drawn


def test_missing_peers_are_a_fault(tmp_path: Path) -> None:
    side = Side("Tesseract", "tesseract", ("benchmarks.reader.peers", "tesseract"))
    asked = ask_side(side, "whole", [], tmp_path / "python")
    assert asked.fault == "the peers are not installed: make .venv-bench-reader/ready"


def test_our_side_looks_for_the_number_in_whole_pictures_alone(tmp_path: Path) -> None:
    bundle = oracle_bundle(tmp_path / "reader", margins=(0.0, 0.1))
    picture = painted("123", box=(0, 0, 200, 100))
    # blue is where the finder looks: the stripe of the 2
    blue = Image.new("L", picture.size)
    blue.paste(255, (50, 0, 100, 100))
    red, green, _ = picture.split()
    Image.merge("RGB", (red, green, blue)).save(tmp_path / "a.png")
    whole = ask_ours(bundle.folder, "whole", [tmp_path / "a.png"])
    assert [one.number for one in whole.answers] == ["2222"]
    assert "margins (0.0, 0.1)" in whole.how
    crops = ask_ours(bundle.folder, "crops", [tmp_path / "a.png"])
    assert [one.number for one in crops.answers] == ["123"]
    assert 0 < crops.megabytes < whole.megabytes
    assert crops.answers[0].confidence is not None


def test_a_side_runs_in_a_process_of_its_own(tmp_path: Path) -> None:
    folder = oracle_bundle(tmp_path / "reader").folder
    painted("31", box=(0, 0, 200, 100)).save(tmp_path / "a.png")
    item = NumberedPicture(tmp_path / "a.png", "a.png", "31")
    side = Side("convatlas", "", ("benchmarks.reader.ours", str(folder)), folder)
    shown = [Shown(item, item.path, 40.0)]
    asked = ask_side(side, "crops", shown, tmp_path / "no-python")
    assert asked.fault == "" and asked.figures is not None and asked.kept is not None
    assert (asked.figures.all.correct, asked.figures.all.count) == (1, 1)
    assert asked.kept.said.how == "reader alone, turns (0.0,)"
    broken = Side("convatlas", "", (side.command[0], str(tmp_path)), folder)
    fault = ask_side(broken, "whole", shown, tmp_path / "no-python").fault
    assert "is no reader" in fault
