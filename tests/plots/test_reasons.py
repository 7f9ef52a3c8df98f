"""Plots of heat maps, forgetting, patches and embeddings."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convatlas.plots.embedding import draw_embedding
from convatlas.plots.figure import save
from convatlas.plots.heat import (
    ForgottenRow,
    Heat,
    HeatRow,
    draw_heat,
    draw_sanity,
)
from convatlas.plots.patches import Patch, PatchRow, draw_patches

RANDOM = np.random.RandomState(0)


def picture(*shape: int) -> "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]":
    return RANDOM.randint(0, 256, shape).astype(np.uint8)


def coloured(path: Path, channel: int) -> int:
    """How many pixels are clearly blue (2) or clearly orange (0)."""
    with Image.open(path) as drawn:
        pixels = np.asarray(drawn.convert("RGB")).astype(int)
    return int((pixels[..., channel] - pixels[..., 2 - channel] > 80).sum())


@pytest.mark.parametrize("shape", [(1, 28, 28), (3, 40, 96), (3, 90, 30)])
def test_what_speaks_for_is_orange_and_against_blue(
    shape: tuple[int, int, int], tmp_path: Path
) -> None:
    shown = picture(*shape)
    values = np.zeros(shape[1:], np.float32)
    places = slice(shape[1] // 2), slice(shape[2] // 2)
    counts = {}
    for name, sign in (("nothing", 0), ("for", 1), ("against", -1)):
        values[places] = sign
        rows = [HeatRow("3", [Heat(values.copy(), True, "32 steps")])]
        path = save(draw_heat(shown, ["occlusion"], rows, "t"), tmp_path / "heat.png")
        counts[name] = [coloured(path, channel) for channel in (0, 2)]
    photo = shape[0] == 3 and counts["nothing"][0]  # a colour picture has its own
    assert counts["for"][0] > counts["nothing"][0] + 1000
    assert counts["for"][1] == counts["nothing"][1] or photo
    assert counts["against"][1] > counts["nothing"][1] + 1000
    assert counts["against"][0] == counts["nothing"][0]


def test_an_empty_map_and_one_pixel_can_be_drawn(tmp_path: Path) -> None:
    rows = [
        HeatRow("digit 0 = 1", [Heat(np.zeros((1, 1), np.float32), False)] * 2),
        HeatRow("digit 1 = 2", [Heat(np.ones((1, 1), np.float32), True)] * 2),
    ]
    figure = draw_heat(picture(1, 1, 1), ["one", "two"], rows, "t")
    assert save(figure, tmp_path / "one.svg").stat().st_size > 2000


def test_forgetting_has_a_column_a_stage(tmp_path: Path) -> None:
    maps = [Heat(RANDOM.randn(8, 8).astype(np.float32), True, f"{i}") for i in range(4)]
    rows = [ForgottenRow("occlusion", "passes", maps)] * 2
    figure = draw_sanity(picture(1, 8, 8), ["fc", "conv2", "conv1"], rows, "t")
    text = save(figure, tmp_path / "sanity.svg").read_text()
    for word in ("trained", "fc", "conv2", "conv1", "occlusion", "passes"):
        assert f">{word}<" in text
    with pytest.raises(ValueError, match="zip"):
        draw_sanity(picture(1, 8, 8), ["fc"], rows, "t")


def test_patches_of_different_sizes_and_empty_rows(tmp_path: Path) -> None:
    rows = [
        PatchRow(
            "0", [Patch(picture(1, 5, 5), "0.5  (3)"), Patch(picture(1, 4, 5), "")]
        ),
        PatchRow("1", []),
        PatchRow("2", [Patch(picture(3, 5, 3), "0.1", (0, 2, 0, 99))]),
    ]
    figure = draw_patches(rows, "conv1", empty="the same in all pictures")
    text = save(figure, tmp_path / "patches.svg").read_text()
    assert text.count("<image") == 3 and "the same in all pictures" in text
    widths = [
        axes.get_xlim()
        for axes in figure.axes
        if axes.images and axes.images[0].get_array().shape[1] == 3
    ]
    assert widths == [(-2.5, 5.5)]  # two columns of padding; at most its own width
    save(draw_patches([PatchRow("", [])], "none"), tmp_path / "none.png")


@pytest.mark.parametrize("groups", [0, 3, 15, 30])
def test_an_embedding_shows_thumbnails_that_do_not_touch(
    groups: int, tmp_path: Path
) -> None:
    points = RANDOM.randn(200, 2).astype(np.float32)
    names = [f"class {i % groups}" for i in range(200)] if groups else []
    figure = draw_embedding(points, picture(200, 1, 9, 9), names, "t", "note")
    axes = figure.axes[0]
    boxes = [image.get_extent() for image in axes.images]
    assert len(boxes) > 20
    for i, (left, right, low, high) in enumerate(boxes):
        for other in boxes[i + 1 :]:
            beside = left >= other[1] or right <= other[0]
            assert beside or low >= other[3] or high <= other[2]
    legend = axes.get_legend()
    shown = 0 if legend is None else len(legend.get_texts())
    assert shown == (groups if groups <= 20 else 0)
    save(figure, tmp_path / "plane.png")


def test_pictures_in_one_place_can_be_drawn(tmp_path: Path) -> None:
    points = np.ones((6, 2), np.float32)
    figure = draw_embedding(points, picture(6, 3, 4, 8), ["a"] * 6, "t", "")
    assert len(figure.axes[0].images) == 1
    save(figure, tmp_path / "same.png")
