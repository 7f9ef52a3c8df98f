"""What numbers hang on: walls, bricks, boards, doors, hedges, side by side.

All are drawn as height × width × 3, float32, 0 ... 255; lengths are in units of a
digit's height.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Pixels = NDArray[np.floating[Any]]
Rng = np.random.Generator

WALLS = (
    (205, 203, 208),
    (176, 174, 178),
    (190, 178, 155),
    (150, 146, 145),
    (120, 112, 108),
    (168, 150, 132),
    (214, 205, 190),
    (95, 92, 95),
    (188, 160, 140),
)
PAINTS = (
    (222, 224, 228),
    (205, 208, 214),
    (40, 44, 60),
    (30, 30, 34),
    (110, 35, 38),
    (38, 70, 55),
    (35, 55, 100),
    (90, 60, 42),
    (62, 40, 32),
    (150, 155, 160),
    (120, 130, 150),
    (70, 105, 80),
)
BRICKS = (
    (146, 84, 68),
    (120, 66, 56),
    (160, 104, 80),
    (98, 62, 56),
    (172, 140, 108),
    (134, 96, 84),
    (150, 142, 132),
)
# plaster, bricks, boards, door, hedge: how often behind a number, and beside that
KINDS_BEHIND = (0.37, 0.28, 0.13, 0.21, 0.01)
KINDS_BESIDE = (0.28, 0.22, 0.14, 0.28, 0.08)
WOODS = ((120, 82, 52), (92, 58, 40), (140, 104, 72), (70, 50, 40), (108, 92, 80))


def ground(rng: Rng, height: int, width: int, unit: float) -> Pixels:
    """A wall or door, often with another one beside it and the edge between them."""
    made = _one(rng, height, width, unit, KINDS_BEHIND)
    for _ in range(rng.choice([0, 1, 2], p=[0.38, 0.4, 0.22])):
        across = rng.random() < 0.75
        length = width if across else height
        # away from the middle, where the number is
        at = int(length * rng.choice([rng.uniform(0.02, 0.3), rng.uniform(0.7, 0.98)]))
        other = _one(rng, height, width, unit, KINDS_BESIDE)
        lean = np.float32(rng.normal(0, 0.03))
        y = np.arange(height, dtype=np.float32)[:, None]
        x = np.arange(width, dtype=np.float32)
        beyond = (x - lean * y if across else y - lean * x) - np.float32(at)
        if at < length / 2:
            beyond = -beyond
        fades = np.float32(-1 / (unit * rng.uniform(0.1, 0.4)))
        shade = 1 - np.float32(rng.uniform(0, 0.5)) * np.exp(fades * np.abs(beyond))
        made = np.where((beyond > 0)[..., None], other, made)
        made *= shade[..., None]
    for _ in range(rng.choice([0, 1, 2], p=[0.6, 0.25, 0.15])):
        _frame(rng, made, unit)
    return made


def _frame(rng: Rng, made: Pixels, unit: float) -> None:
    """A narrow upright strip away from the middle: a frame, a pipe, a gap."""
    width = made.shape[1]
    at = width * rng.choice([rng.uniform(-0.02, 0.28), rng.uniform(0.72, 1.0)])
    thick = max(unit * rng.uniform(0.08, 0.9), 2.0)
    columns = slice(max(round(at), 0), max(round(at + thick), 0))
    count = made[:, columns].shape[1]
    if count:
        round_off = 1 + rng.uniform(-0.3, 0.3) * np.linspace(-1, 1, count)
        made[:, columns] = coloured(rng, PAINTS) * round_off[:, None]


def coloured(rng: Rng, palette: tuple[tuple[int, int, int], ...]) -> Pixels:
    """A colour of the palette, a little different each time."""
    colour = np.array(palette[rng.integers(len(palette))])
    return np.asarray(colour * rng.normal(1, 0.12) + rng.normal(0, 7, 3), np.float32)


def cloud(
    rng: Rng, height: int, width: int, cell: float, aspect: float = 1.0
) -> Pixels:
    """Smooth noise, height × width, mean about 0 and deviation about 1.

    Args:
        rng: all random numbers come from it.
        height: in pixels.
        width: in pixels.
        cell: pixels from one bump to the next, down.
        aspect: how many times as long bumps are across.
    """
    rows = max(int(height / cell), 1) + 3
    columns = max(int(width / (cell * aspect)), 1) + 3
    bumps = rng.standard_normal((rows, columns), dtype=np.float32)
    image = Image.fromarray(bumps).resize(
        (width, height), Image.Resampling.BICUBIC, box=(1, 1, columns - 1, rows - 1)
    )
    return np.asarray(image)


def _one(
    rng: Rng, height: int, width: int, unit: float, often: tuple[float, ...]
) -> Pixels:
    kinds: tuple[Callable[[Rng, int, int, float], Pixels], ...] = (
        _plaster,
        _bricks,
        _boards,
        _door,
        _hedge,
    )
    return kinds[rng.choice(len(kinds), p=often)](rng, height, width, unit)


def _plaster(rng: Rng, height: int, width: int, unit: float) -> Pixels:
    colour = coloured(rng, WALLS if rng.random() < 0.7 else PAINTS)
    tone = rng.standard_normal((height, width), dtype=np.float32)
    tone *= np.float32(0.01 + rng.exponential(0.015))
    tone += np.float32(0.015 + rng.exponential(0.035)) * cloud(
        rng, height, width, unit * 1.5
    )
    return colour * (1 + tone)[..., None]


def _bricks(rng: Rng, height: int, width: int, unit: float) -> Pixels:
    course = unit * rng.uniform(0.6, 1.9)
    length = course * rng.uniform(2.4, 3.6)
    joint = rng.uniform(0.08, 0.18)
    y = np.arange(height, dtype=np.float32) / course + rng.random()
    row = y.astype(int)
    x = np.arange(width, dtype=np.float32) / length + rng.random()
    x = x[None, :] + 0.5 * (row % 2)[:, None]
    column = x.astype(int)
    tones = rng.normal(1, rng.uniform(0.03, 0.14), (row.max() + 1, column.max() + 1))
    face = tones[row[:, None], column].astype(np.float32)
    in_joint = ((y - row) < joint)[:, None] | ((x - column) < joint * course / length)
    brick = coloured(rng, BRICKS)
    if rng.random() < 0.2:  # painted over: joints show as shade only
        brick = coloured(rng, WALLS)
        mortar = brick * np.float32(rng.uniform(0.7, 0.95))
        face = 1 + (face - 1) * 0.3
    else:
        mortar = coloured(rng, WALLS) * np.float32(rng.uniform(0.6, 1.0))
    rough = np.float32(rng.uniform(0, 0.06))
    face = face + rough * cloud(rng, height, width, unit * 0.12)
    return np.where(in_joint[..., None], mortar, brick * face[..., None])


def _boards(rng: Rng, height: int, width: int, unit: float) -> Pixels:
    upright = rng.random() < 0.5
    wood = rng.random() < 0.6
    colour = coloured(rng, WOODS if wood else PAINTS)
    length = width if upright else height
    board = unit * rng.uniform(0.7, 3.0)
    at = np.arange(length, dtype=np.float32) / board + rng.random()
    number = at.astype(int)
    tone = rng.normal(1, 0.06 if wood else 0.015, number.max() + 1)[number]
    slope = rng.normal(0, 0.08) * (at - number - 0.5)
    groove = (at - number) < rng.uniform(0.03, 0.08)
    line = (tone + slope) * np.where(groove, rng.uniform(0.4, 0.85), 1.0)
    profile = line[None, :] if upright else line[:, None]
    aspect = 0.08 if upright else 12.0
    cell = unit * (1.2 if upright else 0.1)
    grain = cloud(rng, height, width, cell, aspect) * (0.07 if wood else 0.015)
    return np.asarray(colour * (profile + grain)[..., None], np.float32)


def _door(rng: Rng, height: int, width: int, unit: float) -> Pixels:
    """Paint with a panel or two: lit at one edge, in shade at the other."""
    made = np.empty((height, width, 3), np.float32)
    made[:] = coloured(rng, PAINTS)
    made *= (1 + 0.015 * cloud(rng, height, width, unit))[..., None]
    for _ in range(rng.integers(0, 3)):
        left = int(rng.uniform(-0.4, 0.8) * width)
        top = int(rng.uniform(-0.6, 0.9) * height)
        right = left + int(unit * rng.uniform(1.5, 6))
        bottom = top + int(unit * rng.uniform(1.5, 6))
        edge = max(int(unit * rng.uniform(0.05, 0.15)), 1)
        light = rng.uniform(1.05, 1.25)
        inner = rng.choice([1.0, rng.uniform(0.85, 1.1), 0.25], p=[0.5, 0.4, 0.1])
        rows = slice(max(top, 0), max(bottom, 0))
        columns = slice(max(left, 0), max(right, 0))
        made[rows, columns] *= inner
        made[max(top, 0) : max(top + edge, 0), columns] *= light
        made[rows, max(left, 0) : max(left + edge, 0)] *= light
        made[max(bottom - edge, 0) : max(bottom, 0), columns] /= light**1.5
        made[rows, max(right - edge, 0) : max(right, 0)] /= light**1.5
    return made


def _hedge(rng: Rng, height: int, width: int, unit: float) -> Pixels:
    leaves = np.zeros((height, width), np.float32)
    for cell, share in ((0.8, 0.25), (0.25, 0.25), (0.12, 0.15)):
        leaves += share * cloud(rng, height, width, unit * cell)
    colour = coloured(rng, ((70, 88, 48), (52, 66, 40), (96, 92, 70)))
    return (colour * np.clip(1 + leaves, 0.15, 2.2)[..., None]).astype(np.float32)
