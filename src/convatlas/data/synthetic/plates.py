"""Plates under numbers: enamel, slate, wood, brass; square, rounded, oval, tiles."""

from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

from convatlas.data.synthetic.grounds import Pixels, Rng, cloud
from convatlas.data.synthetic.painting import cut_out, mixed, moved, shares

Box = tuple[float, float, float, float]

# colour of the plate, of the digits, how often
COMBINATIONS = (
    ((28, 48, 120), (235, 238, 242), 3.0),
    ((30, 36, 80), (230, 230, 235), 2.0),
    ((228, 229, 232), (32, 44, 110), 2.0),
    ((226, 226, 226), (28, 28, 32), 4.0),
    ((24, 24, 28), (228, 228, 228), 4.0),
    ((26, 24, 26), (205, 170, 95), 1.5),
    ((190, 152, 84), (34, 26, 20), 1.2),
    ((66, 70, 76), (226, 226, 222), 2.0),
    ((112, 74, 46), (232, 226, 210), 1.0),
    ((126, 90, 58), (30, 22, 18), 0.7),
    ((34, 78, 56), (228, 226, 210), 0.7),
    ((140, 36, 40), (236, 232, 226), 0.7),
    ((226, 214, 184), (46, 38, 34), 1.2),
    ((170, 172, 176), (44, 44, 50), 1.0),
    ((150, 150, 155), (238, 238, 240), 0.5),
)


@dataclass(frozen=True)
class Plate:
    """A plate's look.

    Attributes:
        colour: of its face.
        ink: of what is written on it.
        shape: ``"square"``, ``"rounded"``, ``"oval"`` or ``"arch"``.
        line: a line along its edge, in units of a digit's height; 0 for none.
    """

    colour: Pixels
    ink: Pixels
    shape: str
    line: float


def plate(rng: Rng) -> Plate:
    """A plate as they are sold."""
    weights = np.array([often for _, _, often in COMBINATIONS])
    colour, ink, _ = COMBINATIONS[
        rng.choice(len(COMBINATIONS), p=weights / weights.sum())
    ]
    return Plate(
        colour=np.array(colour, np.float32) + rng.normal(0, 8, 3).astype(np.float32),
        ink=np.array(ink, np.float32) + rng.normal(0, 6, 3).astype(np.float32),
        shape=str(
            rng.choice(
                ["square", "rounded", "oval", "arch"], p=[0.52, 0.26, 0.16, 0.06]
            )
        ),
        line=float(rng.choice([0.0, rng.uniform(0.03, 0.07)], p=[0.5, 0.5])),
    )


def with_plate(
    rng: Rng, scene: Pixels, look: Plate, box: Box, unit: float, light: Pixels
) -> Pixels:
    """The scene, changed in place, with a plate around a number.

    Args:
        rng: all random numbers come from it.
        scene: height × width × 3.
        look: of the plate.
        box: of the number: left, top, right, bottom in pixels.
        unit: height of a digit in pixels.
        light: x and y of the way that shadows fall, of length 1.
    """
    height, width = scene.shape[:2]
    left, top, right, bottom = box
    across, down = rng.uniform(0.12, 0.7) * unit, rng.uniform(0.12, 0.5) * unit
    if look.shape == "oval":
        across += 0.22 * (right - left)
        down += 0.22 * (bottom - top)
    outer = (left - across, top - down, right + across, bottom + down)
    if look.shape == "arch":
        outer = (outer[0], outer[1] - 0.35 * unit, outer[2], outer[3])
    whole = _mask((width, height), outer, look.shape, unit)
    region, face = cut_out(whole, outer, 0.3 * unit)
    part = scene[region]
    shade = moved(face, light * (unit * rng.uniform(0.02, 0.1)))
    shade = shade.filter(ImageFilter.GaussianBlur(unit * rng.uniform(0.01, 0.06)))
    made = part * (1 - rng.uniform(0.2, 0.7) * shares(shade))
    rows, columns = part.shape[:2]
    tone = 1 + rng.uniform(0, 0.05) * cloud(rng, rows, columns, unit)
    tone += rng.normal(0, 0.08) * np.linspace(-1, 1, rows, dtype=np.float32)[:, None]
    made = mixed(made, look.colour * tone[..., None], shares(face))
    if look.line:
        inset = rng.uniform(0.03, 0.12) * unit
        ring = _ring((width, height), outer, look, unit, inset)
        made = mixed(made, look.ink, shares(ring)[region])
    elif rng.random() < 0.4:  # a bevelled edge
        ring = _ring((width, height), outer, look, unit, 0.0, 0.05 * unit)
        made = made * (1 + rng.uniform(-0.4, 0.3) * shares(ring)[region])
    scene[region] = made
    return scene


def _ring(
    size: tuple[int, int],
    outer: Box,
    look: Plate,
    unit: float,
    inset: float,
    thickness: float | None = None,
) -> Image.Image:
    thick = look.line * unit if thickness is None else thickness
    first = _mask(size, _shrunk(outer, inset), look.shape, unit)
    second = _mask(size, _shrunk(outer, inset + thick), look.shape, unit)
    return ImageChops.subtract(first, second)


def _mask(size: tuple[int, int], box: Box, shape: str, unit: float) -> Image.Image:
    made = Image.new("L", size)
    draw = ImageDraw.Draw(made)
    left, top, right, bottom = box
    if right - left < 2 or bottom - top < 2:
        return made
    if shape == "oval":
        draw.ellipse(box, 255)
    elif shape == "rounded":
        draw.rounded_rectangle(box, 0.25 * unit, 255)
    elif shape == "arch":
        spring = top + 0.45 * (bottom - top)
        draw.rectangle((left, spring, right, bottom), 255)
        draw.ellipse((left, top, right, 2 * spring - top), 255)
    else:
        draw.rectangle(box, 255)
    return made


def _shrunk(box: Box, by: float) -> Box:
    return (box[0] + by, box[1] + by, box[2] - by, box[3] - by)
