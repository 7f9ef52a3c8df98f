"""Picture files as uint8 tensors; ``convatlas.picture_files`` opens them."""

import warnings
from pathlib import Path
from typing import Literal

import torch
from PIL import Image
from torch import Tensor

from convatlas.picture_files import look_at, scaled_pixels, upright

__all__ = ["decode", "look_at", "pixels_of", "read_picture"]


def read_picture(
    path: Path, channels: Literal[1, 3], size: tuple[int, int] | None = None
) -> Tensor:
    """The pixels of a picture file.

    Args:
        path: of the file; PNG, JPEG, WebP, BMP and whatever else PIL reads.
        channels: 1 for grey, 3 for RGB.
        size: (height, width) to scale to, as ``Preprocess`` with ``fit="resize"``
            does; the picture's own when None.

    Returns:
        C H W, uint8.

    Raises:
        PictureError: the file cannot be read; the message begins with its name.
    """
    with warnings.catch_warnings():
        # a picture of 89 to 179 megapixels makes PIL warn; look_at refuses it
        warnings.simplefilter("ignore")
        look_at(path)
        return decode(path, channels, size)


def decode(
    path: Path, channels: Literal[1, 3], size: tuple[int, int] | None = None
) -> Tensor:
    """``read_picture`` without its guard against warnings, so that threads can use it.

    Raises:
        PictureError: as ``read_picture``.
    """
    return pixels_of(upright(path, "L" if channels == 1 else "RGB"), size)


def pixels_of(flat: Image.Image, size: tuple[int, int] | None = None) -> Tensor:
    """A grey or RGB picture as C H W, uint8; ``size`` as for ``read_picture``."""
    return torch.from_numpy(scaled_pixels(flat, size))
