from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from convatlas.plots.figure import save
from convatlas.plots.samples import COLUMNS, MOST_CLASSES, draw_samples


def draw(classes: int, per_class: int, channels: int = 1, side: int = 8):
    labels = torch.arange(classes).repeat_interleave(per_class)
    images = torch.full((len(labels), channels, side, side), 40, dtype=torch.uint8)
    names = [f"类 {number}" for number in range(classes)]
    return draw_samples(images, labels, names, "a title")


def texts(figure) -> list[str]:
    (axes,) = figure.axes
    return [text.get_text().strip() for text in axes.texts]


@pytest.mark.parametrize("channels", [1, 3])
def test_a_row_and_a_bar_for_each_class(tmp_path: Path, channels: int) -> None:
    figure = draw(5, 1500, channels)
    (axes,) = figure.axes
    assert [t.get_text() for t in axes.get_yticklabels()] == [
        f"类 {n}" for n in range(5)
    ]
    assert texts(figure) == ["1,500"] * 5
    (sheet,) = axes.images
    assert sheet.get_array().shape[:2] == (5 * 9, COLUMNS * 9)
    save(figure, tmp_path / "a.png")
    pixels = np.array(Image.open(tmp_path / "a.png").convert("RGB"))
    share = (pixels == 40).all(axis=2).mean()
    assert 0.3 < share < 0.8  # most of the sheet is pictures


def test_bars_are_as_long_as_their_counts(tmp_path: Path) -> None:
    labels = torch.tensor([0] * 10 + [1] * 5)
    images = torch.zeros(15, 1, 8, 8, dtype=torch.uint8)
    figure = draw_samples(images, labels, ["a", "b", "none"], "t")
    (axes,) = figure.axes
    lengths = [bar.get_width() for bar in axes.patches]
    assert lengths[1] == pytest.approx(lengths[0] / 2) and lengths[2] == 0
    assert texts(figure) == ["10", "5", "0"]
    save(figure, tmp_path / "a.svg")


def test_of_many_classes_some_are_shown() -> None:
    figure = draw(1000, 2, side=4)
    (axes,) = figure.axes
    names = [t.get_text() for t in axes.get_yticklabels()]
    assert len(names) == MOST_CLASSES and names[0] == "类 0" and names[-1] == "类 999"
    assert axes.get_xlabel() == f"{MOST_CLASSES} of 1000 classes"


def test_large_pictures_are_thinned_out() -> None:
    figure = draw(2, 3, 3, side=500)
    assert figure.axes[0].images[0].get_array().shape[0] < 200


def test_no_pictures_at_all(tmp_path: Path) -> None:
    images = torch.zeros(0, 1, 8, 8, dtype=torch.uint8)
    labels = torch.zeros(0, dtype=torch.int64)
    figure = draw_samples(images, labels, ["a", "b"], "t")
    assert texts(figure) == ["0", "0"]
    save(figure, tmp_path / "a.png")
