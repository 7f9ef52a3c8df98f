from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convatlas.errors import UsageError
from convatlas.plots.confusion import draw_confusion
from convatlas.plots.curves import draw_curves
from convatlas.plots.figure import new_figure, save
from convatlas.plots.mistakes import PictureOfMistake, draw_mistakes
from convatlas.training.loop import EpochRecord


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
