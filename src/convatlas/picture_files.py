"""Picture files, whatever they hold, as upright pictures, or one clear line.

Nothing here needs torch, so that a number is read without waiting for it.

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

from io import BytesIO
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from convatlas.errors import NoPicture, PictureError, PictureTooLarge

Pixels = NDArray[np.uint8]

READABLE = "PNG, JPEG, WebP, BMP, GIF, TIFF, PPM"
# as PIL calls them; it would also start other programs (EPS) if one let it
FORMATS = ("PNG", "JPEG", "WEBP", "BMP", "DIB", "GIF", "TIFF", "PPM")
MOST_PIXELS = 89_478_485  # a quarter of a gigabyte as RGB; PIL warns from here on
ORIENTATION = 0x0112  # EXIF tag: 5 to 8 are quarter turns
# most PNGs have no EXIF note, and looking for one takes as long as decoding a small one
NOTELESS = ("PNG", "BMP", "GIF", "PPM")
NOTES = {"exif", "xmp", "XML:com.adobe.xmp", "Raw profile type exif"}
WIDE_GREY = ("I;16", "I;16L", "I;16B", "I;16N")


def look_at(path: Path) -> tuple[int, int, bool]:
    """Height, width and whether it has colours, from a picture's header only.

    Raises:
        PictureError: no picture, or one that is too large.
    """
    with _opened(path, str(path)) as image:
        try:
            width, height = image.size
            if _turned(image):
                width, height = height, width
            return height, width, not _is_grey(image)
        except Exception as error:  # decoders raise anything on damaged files
            raise PictureError(f"{path}: is damaged ({_say(error)})") from None


def upright(
    picture: Path | bytes,
    mode: Literal["L", "RGB"] = "RGB",
    name: str | None = None,
    *,
    most_pixels: int = MOST_PIXELS,
) -> Image.Image:
    """A picture as one sees it: turned upright, eight bits, without transparency.

    Threads can use it; PIL's warnings are the caller's to silence.

    Args:
        picture: a file, or the bytes of one.
        mode: grey or RGB.
        name: what messages call it; the file's name when None.
        most_pixels: of a picture; one with more is not decoded.

    Raises:
        PictureError: it cannot be read; the message begins with its name.
    """
    called = name or (str(picture) if isinstance(picture, Path) else "-")
    with _opened(picture, called, most_pixels) as image:
        try:
            image.load()  # the first frame; notes may stand behind its pixels
            if image.format not in NOTELESS or NOTES & image.info.keys():
                image = ImageOps.exif_transpose(image)
            flat = _eight_bits(image, called)
            return flat if flat.mode == mode else flat.convert(mode)
        except PictureError:
            raise
        except Exception as error:  # decoders raise anything on damaged files
            raise PictureError(
                f"{called}: is damaged or cut off ({_say(error)})"
            ) from None


def scaled_pixels(image: Image.Image, size: tuple[int, int] | None = None) -> Pixels:
    """The pixels of an upright picture.

    Args:
        image: grey or RGB.
        size: (height, width) to scale to, as ``Preprocess`` with ``fit="resize"``
            does; the picture's own when None.

    Returns:
        C H W.
    """
    if size is not None:
        # one axis at a time: with both at once the order depends on PIL's version
        image = image.resize((size[1], image.height), Image.Resampling.BILINEAR)
        image = image.resize((size[1], size[0]), Image.Resampling.BILINEAR)
    pixels = np.array(image).reshape(image.height, image.width, -1)
    return np.ascontiguousarray(pixels.transpose(2, 0, 1))


def _opened(
    picture: Path | bytes, name: str, most_pixels: int = MOST_PIXELS
) -> Image.Image:
    """Opens a file and reads its header."""
    try:
        if _is_empty(picture):
            raise PictureError(f"{name}: is empty (0 bytes)")
        source = BytesIO(picture) if isinstance(picture, bytes) else picture
        image = Image.open(source, formats=FORMATS)
    except FileNotFoundError:
        raise PictureError(f"{name}: no such file") from None
    except IsADirectoryError:
        raise PictureError(f"{name}: is a folder, not a picture") from None
    except UnidentifiedImageError:
        raise NoPicture(
            f"{name}: is no picture that can be read ({READABLE})"
        ) from None
    except Image.DecompressionBombError:
        raise PictureTooLarge(_too_large(name, most_pixels)) from None
    except PictureError:
        raise
    except OSError as error:
        raise PictureError(f"{name}: {error.strerror or _say(error)}") from None
    except Exception as error:
        raise PictureError(f"{name}: is damaged ({_say(error)})") from None
    if image.width * image.height > most_pixels:
        size = f" ({image.width:,}×{image.height:,})"
        image.close()
        raise PictureTooLarge(_too_large(name, most_pixels, size))
    return image


def _is_empty(picture: Path | bytes) -> bool:
    if isinstance(picture, bytes):
        return not picture
    return picture.stat().st_size == 0 and picture.is_file()


def _eight_bits(image: Image.Image, name: str) -> Image.Image:
    """The picture without transparency and with at most eight bits a value."""
    if image.mode in WIDE_GREY or image.mode == "I":
        values = np.array(image).astype(np.int64)
        if values.min() < 0 or values.max() > 0xFFFF:
            raise PictureError(
                f"{name}: values from {values.min()} to {values.max()}; "
                "save it with 8 or 16 bits"
            )
        return Image.fromarray((values >> 8).astype(np.uint8))
    if image.mode == "F":
        raise PictureError(
            f"{name}: holds floating-point values; save it with 8 or 16 bits"
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


def _too_large(name: str, most_pixels: int, size: str = "") -> str:
    return (
        f"{name}: has more than {most_pixels / 1e6:.2g} megapixels{size}; "
        "make it smaller"
    )


def _say(error: Exception) -> str:
    """An exception's text in one line; its name where it has none."""
    return " ".join(str(error).split()) or type(error).__name__
