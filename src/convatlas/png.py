"""Pixels as PNG: how small pictures travel inside a text."""

from base64 import b64encode
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def as_png(pixels: NDArray[np.uint8]) -> bytes:
    """A picture as a PNG file.

    Args:
        pixels: C H W, with one channel or three.
    """
    channels = pixels.transpose(1, 2, 0)
    image = Image.fromarray(channels[:, :, 0] if len(pixels) == 1 else channels)
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def as_data_uri(pixels: NDArray[np.uint8]) -> str:
    """A picture as a page or a line of JSON takes it; see ``as_png``."""
    return "data:image/png;base64," + b64encode(as_png(pixels)).decode()
