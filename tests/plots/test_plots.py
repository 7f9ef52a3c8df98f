from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convatlas.errors import UsageError
from convatlas.plots.confusion import draw_confusion
from convatlas.plots.coverage import draw_coverage
from convatlas.plots.curves import draw_curves
from convatlas.plots.figure import new_figure, save
from convatlas.plots.found_boxes import FoundBox, draw_found
from convatlas.plots.mistakes import PictureOfMistake, draw_mistakes
from convatlas.training.records import EpochRecord


def test_one_epoch_without_validation_can_be_drawn(tmp_path: Path) -> None:
    record = EpochRecord(1, 0.5, 0.9, None, None, 1e-3, 1.0, 10.0, True)
    save(draw_curves([record], "one"), tmp_path / "curves.png")
    assert (tmp_path / "curves.png").stat().st_size > 5000


@pytest.mark.parametrize("classes", [2, 10, 60])
def test_confusions_of_any_size(classes: int, tmp_path: Path) -> None:
    matrix = np.eye(classes, dtype=int) * 9
    names = [f"class {index}" for index in range(classes)]
    save(draw_confusion(matrix.tolist(), names, "c"), tmp_path / "c.png")
    with Image.open(tmp_path / "c.png") as picture:
        assert picture.width >= 500


@pytest.mark.parametrize("count", [0, 1, 9])
@pytest.mark.parametrize("channels", [1, 3])
def test_sheets_of_mistakes(count: int, channels: int, tmp_path: Path) -> None:
    image = np.full((channels, 8, 8), 200, np.uint8)
    mistake = PictureOfMistake(image, "3", "8", 0.9, 0.05)
    save(draw_mistakes([mistake] * count, "m"), tmp_path / "m.png")
    assert (tmp_path / "m.png").stat().st_size > 1000


def test_pictures_have_endings_that_are_known(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"written as .png or .svg"):
        save(new_figure(1, 1), tmp_path / "a.gif")
    with pytest.raises(UsageError, match="cannot be written: No such file"):
        save(new_figure(1, 1), tmp_path / "nowhere" / "a.png")
    assert list(tmp_path.iterdir()) == []


def test_svg_is_written_as_text(tmp_path: Path) -> None:
    path = save(new_figure(1, 1), tmp_path / "a.svg")
    assert path.read_text().startswith("<?xml")


def test_sheets_of_wide_pictures_are_not_high() -> None:
    wide, square = (
        PictureOfMistake(np.full((3, 8, side), 200, np.uint8), "3", "8", 0.9, 0.05)
        for side in (16, 8)
    )
    heights = [draw_mistakes([one] * 32, "m").get_figheight() for one in (wide, square)]
    assert heights[0] < 0.75 * heights[1]


@pytest.mark.parametrize("reached", [None, 0.4])
@pytest.mark.parametrize("count", [1, 30])
def test_coverage_can_be_drawn(count: int, reached, tmp_path: Path) -> None:
    points = [((i + 1) / count, 1 - i / 100) for i in range(count)]
    figure = draw_coverage(points, 0.98, reached, "coverage")
    save(figure, tmp_path / "c.png")
    said = [text.get_text() for text in figure.axes[0].texts]
    assert said == ([] if reached is None else ["98% right at 40.0% answered"])


@pytest.mark.parametrize("count", [0, 1, 9])
def test_sheets_of_boxes_keep_the_aspect_of_the_file(
    count: int, tmp_path: Path
) -> None:
    image = np.full((3, 8, 16), 200, np.uint8)
    one = FoundBox(image, (90, 30), (0.1, 0.2, 0.6, 0.7), (0.2, 0.2, 0.7, 0.7), 0.66)
    figure = draw_found([one] * count, "b")
    save(figure, tmp_path / "b.png")
    if count:
        true, found = figure.axes[0].patches
        assert true.get_bbox().bounds == pytest.approx((3, 18, 15, 45))
        assert found.get_bbox().bounds == pytest.approx((6, 18, 15, 45))
