"""Sections as pixels and drawings, for the page and for files."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from convatlas.plots.colours import coloured, palette, places
from convatlas.plots.figure import write
from convatlas.plots.tiles import PictureTile, draw_tiles
from convatlas.png import as_data_uri
from convatlas.verbs.explain.section import Scale, Shown, Tile

LARGEST = 96  # pixels of a map's longer side on the page; larger ones are halved


def pixels_of(tile: Tile, scale: Scale | None) -> NDArray[np.uint8]:
    """A tile in its colours, H W 3."""
    own = tile.scale or scale
    if tile.values.ndim == 3 or own is None:
        return np.ascontiguousarray(tile.values, np.uint8)
    return coloured(tile.values, own.colours, own.low, own.high)


def figure_of(shown: Shown, language: str) -> Figure:
    """A sheet with title and legend, or the drawing that it is."""
    if shown.figure is not None:
        return shown.figure
    title, note = getattr(shown.title, language), getattr(shown.note, language)
    tiles = [
        PictureTile(
            pixels_of(tile, shown.scale),
            getattr(tile.label, language),
            tile.values if tile.numbers else None,
        )
        for tile in shown.tiles
    ]
    scale = shown.scale
    return draw_tiles(
        tiles,
        title,
        getattr(shown.formula, language) or note,
        None if scale is None else (scale.colours, scale.low, scale.high),
    )


def data_uri(tiles: Sequence[Tile], scale: Scale | None) -> str:
    """Tiles of one size side by side, as a PNG inside an address.

    A page of thousands of small pictures opens many times faster if those of a sheet
    are one; a byte a pixel is enough where there is a scale.
    """
    first = tiles[0]
    own = first.scale or scale
    values = [small(tile.values) for tile in tiles]
    if first.values.ndim == 3 or own is None:
        image = Image.fromarray(np.concatenate(values, 1).astype(np.uint8))
    else:
        ends = [tile.scale or own for tile in tiles]
        parts = [
            places(one, end.low, end.high)
            for one, end in zip(values, ends, strict=True)
        ]
        image = Image.fromarray(np.concatenate(parts, 1))
        image.putpalette(palette(own.colours).tobytes())
    return as_data_uri(image)


def small(values: NDArray[Any]) -> NDArray[Any]:
    """Means of blocks, until neither side is longer than the page shows."""
    while max(values.shape[:2]) > LARGEST and min(values.shape[:2]) > 1:
        height, width = (side // 2 * 2 for side in values.shape[:2])
        blocks = values[:height, :width].reshape(
            height // 2, 2, width // 2, 2, *values.shape[2:]
        )
        values = blocks.mean((1, 3)).astype(values.dtype)
    return values


def gradient(scale: Scale) -> str:
    """A legend's colours, for CSS."""
    stops = palette(scale.colours)[:: 255 // 8]
    return ", ".join(f"#{r:02x}{g:02x}{b:02x}" for r, g, b in stops.tolist())


def svg(figure: Figure) -> str:
    """A drawing as an element of the page."""
    buffer = BytesIO()
    write(figure, buffer, "svg")
    text = buffer.getvalue().decode()
    return text[text.index("<svg") :]
