"""One drawn photo of a house number: a pure function of seed, split and index."""

from dataclasses import dataclass

import numpy as np
from PIL import Image

from convatlas.data.dataset import SPLITS, SplitName
from convatlas.data.synthetic.camera import (
    Map,
    Points,
    holding,
    lit,
    mapped,
    perspective,
    taken,
)
from convatlas.data.synthetic.faces import FACES
from convatlas.data.synthetic.grounds import Pixels, Rng, ground
from convatlas.data.synthetic.lettering import (
    Hand,
    Placed,
    hand,
    placed,
    together,
    way,
)
from convatlas.data.synthetic.neighbours import with_neighbours
from convatlas.data.synthetic.numbers import drawn_number
from convatlas.data.synthetic.painting import ink_for, painted
from convatlas.data.synthetic.plates import plate, with_plate

VERSION = 2  # goes up with every change that changes a picture
DIGIT = 25.0  # pixels, the median height of a digit in a photo
# of the number's height over the photo's, and of the photo's width over its height, at
# these shares of real pictures
AT = (0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0)
HEIGHTS = (0.14, 0.20, 0.37, 0.53, 0.65, 0.79, 0.90)
ASPECTS = (1.5, 1.88, 2.17, 2.38, 2.62, 3.39, 4.2)
AROUND = 1.3  # scene for photo, so that a turned view seldom looks beyond it
LOW = 110  # photos of fewer rows are drawn twice as large


@dataclass(frozen=True)
class Plan:
    """Where everything will be in a photo, before anything is painted.

    Attributes:
        number: its digits.
        cut: how they are made.
        items: the digits on the scene.
        matrix: from the photo, ``scale`` times as large, to the scene.
        size: width and height of the photo.
        scale: scene pixels for one of the photo.
        scene: width and height of the scene.
        unit: height of a digit on the scene, in pixels.
    """

    number: str
    cut: Hand
    items: list[Placed]
    matrix: Map
    size: tuple[int, int]
    scale: int
    scene: tuple[int, int]
    unit: float

    def boxes(self) -> Points:
        """Digits × 4: left, top, right, bottom as shares of the photo."""
        back = np.linalg.inv(self.matrix)
        wide = self.scale * np.array(self.size)
        seen = [mapped(back, item.outline()) / wide for item in self.items]
        return np.array([[*s.min(axis=0), *s.max(axis=0)] for s in seen])


@dataclass(frozen=True)
class Drawn:
    """A photo of a number.

    Attributes:
        image: mode RGB, of the size that such photos have.
        number: its digits.
        boxes: digits × 4, left, top, right, bottom as shares of the photo.
    """

    image: Image.Image
    number: str
    boxes: Points


def draw(seed: int, split: SplitName, index: int) -> Drawn:
    """Picture ``index`` of a split: the same wherever and in whatever order it is."""
    rng = np.random.default_rng([seed, SPLITS.index(split), index])
    made = plan(rng, split)
    scene = lit(rng, _scene(rng, made), made.unit)
    image = taken(rng, scene, made.matrix, made.size, made.scale)
    return Drawn(image, made.number, made.boxes())


def plan(rng: Rng, split: SplitName) -> Plan:
    """Chooses number, typeface, sizes and view.

    Args:
        rng: all random numbers come from it.
        split: whose typefaces may be used.
    """
    number = drawn_number(rng)
    cut = hand(rng, FACES[split])
    digit = float(np.clip(DIGIT * np.exp(rng.normal(0, 0.33)), 11, 60))
    height = digit / float(np.interp(rng.random(), AT, HEIGHTS))
    width = height * float(np.interp(rng.random(), AT, ASPECTS))
    scale = 2 if height < LOW else 1
    unit = digit * scale
    items = placed(rng, number, cut, unit, (0.0, 0.0), way(rng))
    left, top, right, bottom = _around(items)
    width = max(width, (right - left) * 1.25 / scale)
    height = max(height, (bottom - top) * 1.12 / scale)
    size = round(width), round(height)
    wide = size[0] * scale, size[1] * scale
    scene = round(wide[0] * AROUND), round(wide[1] * AROUND)
    spare = np.array([wide[0] - (right - left), wide[1] - (bottom - top)])
    offset = np.clip(rng.normal(0, 0.11, 2), -0.33, 0.33) * spare
    middle = np.array(scene) / 2 + offset
    items = [
        Placed(item.mask, round(item.left + middle[0]), round(item.top + middle[1]))
        for item in items
    ]
    matrix = perspective(rng, scene, wide)
    outlines = np.concatenate([item.outline() for item in items])
    matrix = holding(matrix, outlines, wide)
    return Plan(number, cut, items, matrix, size, scale, scene, unit)


def _scene(rng: Rng, made: Plan) -> Pixels:
    """Height × width × 3: the ground, what else is there, and the number."""
    width, height = made.scene
    unit, box = made.unit, _around(made.items)
    scene = ground(rng, height, width, unit)
    angle = rng.uniform(0.2, np.pi - 0.2)
    light = np.array([np.cos(angle), np.sin(angle)])
    on_plate = rng.random() < 0.5
    if on_plate:
        look = plate(rng)
        scene = with_plate(rng, scene, look, box, unit, light)
        ink = look.ink
    else:
        left, top, right, bottom = (max(round(edge), 0) for edge in box)
        ink = ink_for(rng, scene[top:bottom, left:right].mean(axis=(0, 1)))
    rim = (1 - 1 / AROUND) / 2
    view = (width * rim, height * rim, width * (1 - rim), height * (1 - rim))
    scene = with_neighbours(rng, scene, box, view, made.cut, ink, unit, light)
    mask = together(made.items, made.scene)
    raised = not on_plate or rng.random() < 0.25
    return painted(rng, scene, mask, ink, unit, light, raised=raised)


def _around(items: list[Placed]) -> tuple[float, float, float, float]:
    return (
        float(min(item.left for item in items)),
        float(min(item.top for item in items)),
        float(max(item.left + item.mask.width for item in items)),
        float(max(item.top + item.mask.height for item in items)),
    )
