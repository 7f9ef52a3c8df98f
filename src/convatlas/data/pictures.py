"""Picture files as uint8 tensors, whatever they hold, or one clear line.

What is made of the odd ones:

=================  ============================================================
turned by a camera  upright, as the EXIF note says
palette, 1 bit      their colours
alpha               laid on white
CMYK, YCbCr, Lab    RGB
16-bit grey         the upper eight bits
animated, paged     the first frame
wrongly named       read by content; the name plays no part
no picture, empty,  ``PictureError`` with the file's name
cut off, corrupt
above 89 megapixel  ``PictureError``: a decompression bomb, or made to be one
floating point      ``PictureError``: nobody knows its range
=================  ============================================================
"""

import glob
import os
import re
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from PIL import Image, ImageOps, UnidentifiedImageError
from torch import Tensor

from convatlas.errors import DataError, PictureError

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm")
READABLE = "PNG, JPEG, WebP, BMP, GIF, TIFF, PPM"
MOST_PIXELS = 89_478_485  # a quarter of a gigabyte as RGB; PIL warns from here on
ORIENTATION = 0x0112  # EXIF tag: 5 to 8 are quarter turns
WIDE_GREY = ("I;16", "I;16L", "I;16B", "I;16N")


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


def look_at(path: Path) -> tuple[int, int, bool]:
    """Height, width and whether it has colours, from a picture's header only.

    Raises:
        PictureError: no picture, or one that is too large.
    """
    with _opened(path) as image:
        try:
            width, height = image.size
            if _turned(image):
                width, height = height, width
            return height, width, not _is_grey(image)
        except Exception as error:  # decoders raise anything on damaged files
            raise PictureError(f"{path}: is damaged ({_say(error)})") from None


def decode(
    path: Path, channels: Literal[1, 3], size: tuple[int, int] | None = None
) -> Tensor:
    """``read_picture`` without its guard against warnings, so that threads can use it.

    Raises:
        PictureError: as ``read_picture``.
    """
    with _opened(path) as image:
        try:
            image.seek(0)
            upright = ImageOps.exif_transpose(image)
            flat = _eight_bits(upright, path).convert("L" if channels == 1 else "RGB")
        except PictureError:
            raise
        except Exception as error:  # decoders raise anything on damaged files
            raise PictureError(
                f"{path}: is damaged or cut off ({_say(error)})"
            ) from None
    if size is not None:
        # one axis at a time: with both at once the order depends on PIL's version
        flat = flat.resize((size[1], flat.height), Image.Resampling.BILINEAR)
        flat = flat.resize((size[1], size[0]), Image.Resampling.BILINEAR)
    pixels = torch.from_numpy(np.array(flat))
    return (
        pixels.reshape(flat.height, flat.width, channels).permute(2, 0, 1).contiguous()
    )


def find_pictures(names: Iterable[str | Path]) -> list[Path]:
    """The picture files that a user means.

    Args:
        names: files (taken as they are), folders (all pictures in them, also in
            folders inside) and patterns such as ``"scans/*.png"`` or ``"**/7_*"``.

    Returns:
        Each file once, in the order of the names, within one in natural order
        (``2.png`` before ``10.png``).

    Raises:
        DataError: a name that leads to no file.
    """
    found: dict[Path, None] = {}
    for name in names:
        for path in _meant(str(name)):
            found.setdefault(path)
    return list(found)


def natural_key(path: Path | str) -> list[tuple[bool, int, str]]:
    """Sorts numbers inside names by value."""
    pieces = re.split(r"(\d+)", str(path).casefold())
    return [
        (not piece.isdecimal(), int(piece) if piece.isdecimal() else 0, piece)
        for piece in pieces
    ]


def hidden(path: Path) -> bool:
    """Whether a file manager put it there, e.g. ``.DS_Store`` or ``Thumbs.db``."""
    return path.name.startswith(".") or path.name.casefold() in (
        "thumbs.db",
        "desktop.ini",
    )


def _meant(name: str) -> Sequence[Path]:
    path = Path(name).expanduser()
    if path.is_dir():
        inside = [
            p
            for p in path.rglob("*")
            if p.suffix.casefold() in ENDINGS and p.is_file() and not hidden(p)
        ]
        if not inside:
            raise DataError(f"{name}: a folder without pictures ({READABLE})")
        return sorted(inside, key=natural_key)
    if path.exists():
        return [path]
    matches = [Path(match) for match in glob.glob(str(path), recursive=True)]
    files = [match for match in matches if match.is_file() and not hidden(match)]
    if not files:
        what = "no file matches" if glob.has_magic(name) else "no such file or folder"
        raise DataError(f"{name}: {what}")
    return sorted(files, key=natural_key)


def _opened(path: Path) -> Image.Image:
    """Opens a file and reads its header."""
    try:
        if os.path.getsize(path) == 0 and path.is_file():
            raise PictureError(f"{path}: is empty (0 bytes)")
        image = Image.open(path)
    except FileNotFoundError:
        raise PictureError(f"{path}: no such file") from None
    except IsADirectoryError:
        raise PictureError(f"{path}: is a folder, not a picture") from None
    except UnidentifiedImageError:
        raise PictureError(
            f"{path}: is no picture that can be read ({READABLE})"
        ) from None
    except Image.DecompressionBombError:
        raise PictureError(_too_large(path)) from None
    except PictureError:
        raise
    except OSError as error:
        raise PictureError(f"{path}: {error.strerror or _say(error)}") from None
    except Exception as error:
        raise PictureError(f"{path}: is damaged ({_say(error)})") from None
    if image.width * image.height > MOST_PIXELS:
        size = f" ({image.width:,}×{image.height:,})"
        image.close()
        raise PictureError(_too_large(path, size))
    return image


def _eight_bits(image: Image.Image, path: Path) -> Image.Image:
    """The picture without transparency and with at most eight bits a value."""
    if image.mode in WIDE_GREY or image.mode == "I":
        values = np.array(image).astype(np.int64)
        if values.min() < 0 or values.max() > 0xFFFF:
            raise PictureError(
                f"{path}: values from {values.min()} to {values.max()}; "
                "save it with 8 or 16 bits"
            )
        return Image.fromarray((values >> 8).astype(np.uint8))
    if image.mode == "F":
        raise PictureError(
            f"{path}: holds floating-point values; save it with 8 or 16 bits"
        )
    if image.has_transparency_data:
        layer = image.convert("RGBA")
        ground = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        return Image.alpha_composite(ground, layer).convert(
            "L" if _is_grey(image) else "RGB"
        )
    return image


def _turned(image: Image.Image) -> bool:
    """Whether the header says that height and width are to be exchanged."""
    # PIL would decode a whole PNG to look for a note behind the pixels
    if image.format in ("PNG", "GIF") and "exif" not in image.info:
        return False
    return int(image.getexif().get(ORIENTATION, 1)) >= 5


def _is_grey(image: Image.Image) -> bool:
    if image.mode in ("P", "PA"):
        palette = image.getpalette("RGB") or []
        return all(
            palette[i] == palette[i + 1] == palette[i + 2]
            for i in range(0, len(palette) - 2, 3)
        )
    return image.mode in ("1", "L", "LA", "La", "I", "F", *WIDE_GREY)


def _too_large(path: Path, size: str = "") -> str:
    return (
        f"{path}: has more than {MOST_PIXELS // 1_000_000} megapixels{size}; "
        "make it smaller"
    )


def _say(error: Exception) -> str:
    """An exception's text in one line; its name where it has none."""
    return " ".join(str(error).split()) or type(error).__name__
