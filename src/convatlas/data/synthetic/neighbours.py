"""What stands beside a number: a word, a letter, a letter box, another number."""

from dataclasses import replace

import numpy as np

from convatlas.data.synthetic.faces import CHARACTERS
from convatlas.data.synthetic.grounds import Pixels, Rng
from convatlas.data.synthetic.lettering import Hand, placed, together
from convatlas.data.synthetic.painting import painted

Box = tuple[float, float, float, float]

CAPITALS = [c for c in CHARACTERS if c.isupper()]
METALS = ((170, 140, 80), (60, 58, 60), (180, 180, 184), (38, 36, 38))


def with_neighbours(
    rng: Rng,
    scene: Pixels,
    box: Box,
    view: Box,
    cut: Hand,
    ink: Pixels,
    unit: float,
    light: Pixels,
) -> Pixels:
    """The scene, changed in place, seldom with something beside the number.

    Args:
        rng: all random numbers come from it.
        scene: height × width × 3.
        box: of the number: left, top, right, bottom in pixels.
        view: about what the photo will show, likewise.
        cut: how the number's characters are made.
        ink: their colour.
        unit: height of a digit in pixels.
        light: x and y of the way that shadows fall, of length 1.
    """
    kind = rng.random()
    left, top, right, bottom = box
    middle = (left + right) / 2

    def write(text: str, size: float, x: float, y: float) -> Pixels:
        still = replace(cut, jitter=0.0)
        mask = together(placed(rng, text, still, size, (x, y)), scene.shape[1::-1])
        return painted(rng, scene, mask, ink, size, light, raised=False)

    if kind < 0.08:  # a street or a name
        small = unit * rng.uniform(0.25, 0.6)
        above = top - small * rng.uniform(1.0, 1.6)
        y = above if rng.random() < 0.6 else bottom + small * rng.uniform(1.0, 1.6)
        word = "".join(rng.choice(CAPITALS, rng.integers(3, 10)))
        return write(word, small, middle + rng.normal(0, 0.5 * unit), y)
    if kind < 0.11:  # a letter, as in 12A
        small = unit * rng.uniform(0.4, 1.0)
        letter = str(rng.choice(list("ABCDabcd")))
        return write(letter, small, right + 0.55 * small, bottom - small / 2)
    if kind < 0.15:  # another number, cut off by the edge of the photo
        edge = view[0] if left - view[0] > view[2] - right else view[2]
        away = min(abs(left - edge), abs(right - edge))
        if away > 0.9 * unit:
            other = str(rng.integers(0, 10))
            return write(other, unit * rng.uniform(0.8, 1.1), edge, (top + bottom) / 2)
    if 0.15 < kind < 0.21:
        _slot(rng, scene, box, unit)
    return scene


def _slot(rng: Rng, scene: Pixels, box: Box, unit: float) -> None:
    """A letter box or a bell below or beside the number."""
    left, top, right, bottom = box
    across, down = unit * rng.uniform(0.6, 2.6), unit * rng.uniform(0.3, 0.8)
    x, y = (left + right) / 2, bottom + unit * rng.uniform(0.4, 0.9)
    if rng.random() < 0.5:
        x = rng.choice(
            [left - across / 2 - 0.4 * unit, right + across / 2 + 0.4 * unit]
        )
        y = (top + bottom - down) / 2
    rows = slice(max(round(y), 0), max(round(y + down), 0))
    columns = slice(max(round(x - across / 2), 0), max(round(x + across / 2), 0))
    height, width = scene[rows, columns].shape[:2]
    if height and width:
        shine = np.linspace(1.2, 0.7, height)[:, None, None]
        scene[rows, columns] = shine * METALS[rng.integers(len(METALS))]
