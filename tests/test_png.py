"""What was written as PNG is read as it was."""

from base64 import b64decode
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from convatlas.png import as_data_uri, as_png


@pytest.mark.parametrize("channels", [1, 3])
def test_a_picture_comes_back(channels: int) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (channels, 5, 7), np.uint8)
    with Image.open(BytesIO(as_png(pixels))) as image:
        assert image.mode == ("L" if channels == 1 else "RGB")
        found = np.asarray(image).reshape(5, 7, channels).transpose(2, 0, 1)
    assert (found == pixels).all()
    uri = as_data_uri(pixels)
    assert b64decode(uri.removeprefix("data:image/png;base64,")) == as_png(pixels)
