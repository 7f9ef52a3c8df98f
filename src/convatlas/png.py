"""Pictures as PNG: how small ones travel inside a text."""

from base64 import b64encode
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def as_data_uri(picture: NDArray[np.uint8] | Image.Image) -> str:
    """A PNG file as a page or a line of JSON takes it.

    Args:
        picture: pixels, C H W with one channel or three, or an image of any mode that
            the format has.
    """
    image = picture if isinstance(picture, Image.Image) else _image(picture)
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return "data:image/png;base64," + b64encode(buffer.getvalue()).decode()


def _image(pixels: NDArray[np.uint8]) -> Image.Image:
    channels = pixels.transpose(1, 2, 0)
    return Image.fromarray(channels[:, :, 0] if len(pixels) == 1 else channels)
