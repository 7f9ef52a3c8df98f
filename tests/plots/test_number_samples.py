from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from convatlas.data.dataset import Split
from convatlas.house_number import encode
from convatlas.plots.figure import save
from convatlas.plots.number_samples import COLUMNS, draw_numbers


def split(numbers: list[str], *, labelled: bool = True) -> Split:
    """Grey pictures of 40×120 pixels; a box around the left half of each."""
    count = len(numbers)
    boxes = torch.full((count, 5, 4), torch.nan)
    boxes[:, 0] = torch.tensor([0.1, 0.2, 0.5, 0.8])
    return Split(
        images=torch.full((count, 3, 128, 256), 77, dtype=torch.uint8),
        labels=encode(numbers) if labelled else torch.full((count, 5), 10),
        boxes=boxes,
        sizes=torch.tensor([[40, 120]] * count),
        labelled=labelled,
    )


def texts(figure) -> list[str]:
    (axes,) = figure.axes
    return [text.get_text().strip() for text in axes.texts]


def test_a_row_and_a_bar_for_each_length() -> None:
    figure = draw_numbers(split(["7"] * 12 + ["19", "204"] * 3), "a title")
    (axes,) = figure.axes
    names = [tick.get_text() for tick in axes.get_yticklabels()]
    assert names == ["1 digit", "2 digits", "3 digits"]
    said = texts(figure)
    assert said.count("7") == COLUMNS and said.count("19") == said.count("204") == 3
    assert [t for t in said if t in ("12", "3")] == ["12", "3", "3"]
    bars = [p for p in axes.patches if p.get_fill()]
    assert [bar.get_width() / bars[0].get_width() for bar in bars] == pytest.approx(
        [1, 0.25, 0.25]
    )


def test_pictures_have_their_own_aspect_and_boxes_lie_on_them() -> None:
    (axes,) = draw_numbers(split(["7"]), "").axes
    (picture,) = axes.images
    left, right, bottom, top = picture.get_extent()
    assert (right - left) / (bottom - top) == pytest.approx(3)
    (box,) = [p for p in axes.patches if not p.get_fill()]
    assert (box.get_x() - left) / (right - left) == pytest.approx(0.1)
    assert box.get_width() / (right - left) == pytest.approx(0.4)
    assert (box.get_y() - top) / (bottom - top) == pytest.approx(0.2)


def test_without_labels_there_are_only_pictures(tmp_path: Path) -> None:
    figure = draw_numbers(split(["1"] * 40, labelled=False), "t")
    (axes,) = figure.axes
    assert texts(figure) == [] and len(axes.images) == 4 * COLUMNS
    save(figure, tmp_path / "a.png")
    pixels = np.array(Image.open(tmp_path / "a.png").convert("RGB"))
    assert 0.2 < (pixels == 77).all(axis=2).mean() < 0.9
