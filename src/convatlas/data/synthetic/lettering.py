"""Digits in a row, a slope or a column: their masks, and the outlines for the boxes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageFilter

from convatlas.data.synthetic.faces import Character, Face, characters
from convatlas.data.synthetic.grounds import Rng

INKED = 0.4  # of the darkest ink, from here on a pixel belongs to the digit's box
ROW, COLUMN = (1.0, 0.0), (0.0, 1.0)  # right and down, in character widths or heights
SOLID = 200  # of 255, that some ink must have for strokes to be thinned


@dataclass(frozen=True)
class Hand:
    """How the characters of one number are cut; all alike but for ``jitter``.

    Attributes:
        face: the typeface.
        stretch: factor of the widths.
        slant: shear to the right, as width for height.
        gap: between characters, in units of a digit's height.
        jitter: deviation of each character's own place (units) and turn (radians).
        heavier: 1 thickens strokes, -1 thins them, 0 leaves them.
    """

    face: Face
    stretch: float
    slant: float
    gap: float
    jitter: float
    heavier: int


@dataclass(frozen=True)
class Placed:
    """A character on the scene.

    Attributes:
        mask: mode L.
        left: of the mask, in pixels; may be negative.
        top: of the mask.
    """

    mask: Image.Image
    left: int
    top: int

    def outline(self) -> NDArray[np.float64]:
        """Points × 2, x and y: in each row the first and the last inked edge."""
        pixels = np.asarray(self.mask)
        inked = pixels >= INKED * pixels.max()
        rows = np.flatnonzero(inked.any(axis=1))
        first = inked[rows].argmax(axis=1)
        last = inked.shape[1] - inked[rows, ::-1].argmax(axis=1)
        x = np.concatenate([first, last, first, last])
        y = np.concatenate([rows, rows, rows + 1, rows + 1])
        return np.stack([x + self.left, y + self.top], axis=1).astype(np.float64)


def hand(rng: Rng, faces: tuple[Face, ...]) -> Hand:
    """A way of cutting characters, plain more often than fancy."""
    weights = np.array([face.plain for face in faces])
    return Hand(
        face=faces[rng.choice(len(faces), p=weights / weights.sum())],
        stretch=float(np.exp(rng.normal(0.02, 0.1))),
        slant=float(rng.choice([0.0, rng.normal(0, 0.15)], p=[0.85, 0.15])),
        gap=float(np.clip(rng.normal(0.13, 0.07), 0.03, 0.6)),
        jitter=float(rng.choice([0.0, 0.02, 0.05], p=[0.5, 0.35, 0.15])),
        heavier=int(rng.choice([-1, 0, 1], p=[0.1, 0.7, 0.2])),
    )


def way(rng: Rng) -> tuple[float, float]:
    """In which direction the digits follow: a row, seldom a slope or a column.

    About twice as often as on real houses, so that a reader meets enough of them.
    """
    kind = rng.random()
    if kind < 0.03:
        return COLUMN
    return (1.0, float(rng.normal(0, 0.3))) if kind < 0.11 else ROW


def placed(
    rng: Rng,
    text: str,
    cut: Hand,
    unit: float,
    middle: tuple[float, float],
    step: tuple[float, float] = ROW,
) -> list[Placed]:
    """Characters one after another about a middle.

    Args:
        rng: all random numbers come from it.
        text: the characters.
        cut: how they are made.
        unit: height of a digit in pixels.
        middle: x and y in pixels.
        step: the way on, see ``way``.
    """
    known = characters(cut.face)
    scale = unit / known["0"].mask.height
    masks = [_mask(rng, known[c], cut, scale) for c in text]
    at, places = np.zeros(2), []
    for mask, character in zip(masks, (known[c] for c in text), strict=True):
        rise = character.rise * scale
        own = rng.normal(0, cut.jitter * unit, 2) * (0.6, 1.0)
        places.append(at + own - (0.0, rise))
        length = mask.width if step[0] else unit
        at = at + np.array(step) * (length + cut.gap * unit)
    left = min(place[0] for place in places)
    right = max(p[0] + m.width for p, m in zip(places, masks, strict=True))
    top = min(place[1] for place in places)
    bottom = max(p[1] + m.height for p, m in zip(places, masks, strict=True))
    shift = np.array(middle) - ((left + right) / 2, (top + bottom) / 2)
    return [
        Placed(mask, round(place[0] + shift[0]), round(place[1] + shift[1]))
        for mask, place in zip(masks, places, strict=True)
    ]


def together(items: list[Placed], size: tuple[int, int]) -> Image.Image:
    """One mask, mode L, of all characters.

    Args:
        items: the characters.
        size: width and height of the scene.
    """
    made = Image.new("L", size)
    for item in items:
        layer = Image.new("L", size)
        layer.paste(item.mask, (item.left, item.top))
        made = ImageChops.lighter(made, layer)
    return made


def _mask(rng: Rng, character: Character, cut: Hand, scale: float) -> Image.Image:
    source = character.mask
    width = max(round(source.width * scale * cut.stretch), 1)
    height = max(round(source.height * scale), 1)
    mask = source.resize((width, height), Image.Resampling.BOX, reducing_gap=None)
    lean = round(abs(cut.slant) * height)
    if lean:
        offset = -lean if cut.slant > 0 else 0.0
        mask = mask.transform(
            (width + lean, height),
            Image.Transform.AFFINE,
            (1, cut.slant, offset, 0, 1, 0),
            Image.Resampling.BILINEAR,
        )
    turn = float(np.degrees(rng.normal(0, cut.jitter)))
    if cut.jitter:
        mask = mask.rotate(turn, Image.Resampling.BILINEAR, expand=True)
    if cut.heavier > 0:
        mask = mask.filter(ImageFilter.MaxFilter(3))
    elif cut.heavier < 0:
        thin = mask.filter(ImageFilter.MinFilter(3))
        mask = thin if np.asarray(thin).max() >= SOLID else mask
    box = mask.getbbox()
    return mask.crop(box) if box else mask
