"""What was written as PNG is read as it was."""

from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from convatlas.png import as_data_uri


@pytest.mark.parametrize("channels", [1, 3])
def test_a_picture_comes_back(channels: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (channels, 5, 7), np.uint8)
    start, _, content = as_data_uri(pixels).partition(",")
    assert start == "data:image/png;base64"
    with Image.open(BytesIO(b64decode(content))) as image:
        assert image.mode == ("L" if channels == 1 else "RGB")
        found = np.asarray(image).reshape(5, 7, channels).transpose(2, 0, 1)
    assert (found == pixels).all()


def test_a_palette_stays_one() -> None:
    image = Image.fromarray(np.arange(6, dtype=np.uint8).reshape(2, 3))
    image.putpalette([255 - i // 3 for i in range(768)])
    content = as_data_uri(image).partition(",")[2]
    with Image.open(BytesIO(b64decode(content))) as again:
        assert again.mode == "P" and again.convert("RGB").getpixel((2, 1)) == (250,) * 3
