import io

import numpy as np
import pytest
from PIL import Image

from convatlas.plots.colours import NOTHING, coloured, light, palette
from convatlas.plots.tiles import PictureTile, draw_tiles


def test_ends_of_a_scale_have_the_ends_of_the_palette() -> None:
    values = np.array([[-2.0, 0.0, 2.0, 9.0, np.nan]])
    pixels = coloured(values, "diverging", -2, 2)
    colours = palette("diverging")
    assert (pixels[0, 0] == colours[0]).all() and (pixels[0, 2] == colours[-1]).all()
    assert (pixels[0, 3] == colours[-1]).all() and tuple(pixels[0, 4]) == NOTHING
    assert pixels[0, 1].min() > 240  # white at zero
    assert (coloured(np.ones((2, 2)), "viridis", 1, 1) == palette("viridis")[0]).all()
    assert light(pixels[0, 1]) and not light(palette("viridis")[0])


@pytest.mark.parametrize("count", [1, 5, 20])
@pytest.mark.parametrize("shape", [(28, 28), (12, 40), (1, 84)])
def test_every_tile_is_on_the_sheet(count: int, shape: tuple[int, int]) -> None:
    colours = [(255, 10 * (i + 1), 0) for i in range(count)]
    tiles = [
        PictureTile(np.full((*shape, 3), colour, np.uint8), str(i))
        for i, colour in enumerate(colours)
    ]
    figure = draw_tiles(tiles, "features.conv1", "a note", ("viridis", -1.5, 2.0))
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png")
    with Image.open(buffer) as image:
        pixels = np.asarray(image.convert("RGB")).reshape(-1, 3)
    areas = [int((pixels == colour).all(1).sum()) for colour in colours]
    assert min(areas) > 500 and max(areas) < 1.2 * min(areas)
    texts = [text.get_text() for axes in figure.axes for text in axes.texts]
    assert texts == [str(i) for i in range(count)]
    ticks = [t.get_text() for t in figure.axes[1].get_yticklabels()]
    assert ticks == ["−1.5", "0", "2"]


def test_numbers_are_written_into_cells() -> None:
    values = np.array([[1.25, -0.5], [np.nan, 0.0]])
    tile = PictureTile(coloured(values, "viridis", -0.5, 1.25), "patch", values)
    figure = draw_tiles([tile], "title")
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert texts == ["patch", "1.2", "−0.5", "–", "0"]
