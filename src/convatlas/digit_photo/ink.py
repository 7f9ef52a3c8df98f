"""Tells the ink of a digit from the ground it lies on: paper, a screen, a wall."""

import numpy as np

from convatlas.digit_photo.components import components
from convatlas.digit_photo.filters import (
    Grey,
    Mask,
    any_in_block,
    block_means,
    blurred,
    grown,
    repeated,
    scaled,
    smaller,
)
from convatlas.errors import DataError

LEAST_CONTRAST = 16  # grey levels between ground and ink
NOISE = 2.5  # standard deviations of the ground that are not ink
FULL = 0.95  # share of the ink that is darker than what becomes white
SURE = 0.35  # of the ink's strength: certainly a stroke
SPECK = 0.06  # of the largest stroke's area: what is smaller is dirt
DARKEST = 24  # grey levels of a ground that still counts as lit paper
GROUND_SIDE = 64  # pixels to which a picture is made smaller to see its ground
SMOOTH = 5  # of those pixels, over which the ground is blurred
PARTS_SIDE = 64  # pixels to which it is made smaller to tell strokes from dirt
POLARITY_SIDE = 32  # pixels to which it is made smaller to tell ink from ground
EDGE_TRUST = 6.0  # how much more a pixel at the edge counts there
LEVELS = 128  # of the histogram that tells ink from ground
BLANK = "the picture is blank: nothing stands out from its ground"


def find_ink(image: Grey) -> tuple[Grey, Mask]:
    """Strength of the ink, 0 ... 1, and the strokes that belong to the digit.

    Args:
        image: H×W, float32, 0 to 255.

    Raises:
        DataError: nothing stands out from the ground.
    """
    calm = blurred(image, 3)
    if ground_is_light(image):
        ground = 255 - _ground(255 - calm)
        # paper gives back a share of the light, be it in the sun or in the shade
        light = 255 / np.maximum(ground, DARKEST)
        ink = _ink((ground - image) * light, (ground - calm) * light)
    else:
        ground = _ground(calm)
        ink = _ink(image - ground, calm - ground)
    return ink, _strokes(ink)


def ground_is_light(image: Grey) -> bool:
    """Whether the ink is darker than the ground.

    The ground is a smooth surface through most of the pixels (least absolute
    deviations, so that ink does not pull it), those at the edge counting more, since
    paper is what reaches the edge; ink lies on one side of it, far away.
    """
    side = POLARITY_SIDE
    small = block_means(image, (side, side)).ravel()
    line = np.linspace(-1, 1, side)
    y, x = (part.ravel() for part in np.meshgrid(line, line, indexing="ij"))
    terms = np.stack([np.ones_like(x), x, y, x * y, x * x, y * y], axis=1)
    outside = np.maximum(abs(x), abs(y)) > 1 - 2.5 / side
    trust = np.where(outside, EDGE_TRUST, 1.0)
    weights = trust * trust
    for _ in range(20):
        weighted = terms.T * weights
        surface = np.linalg.solve(weighted @ terms, weighted @ small)
        distance = small - terms @ surface
        weights = trust / (abs(distance) + 1)
    return bool((distance**3).sum() < 0)


def _ink(above: Grey, quiet: Grey) -> Grey:
    """How strong the ink of each pixel is, 0 ... 1.

    Args:
        above: how much each pixel stands out from the ground.
        quiet: the same of the blurred picture.

    Raises:
        DataError: no pixel does.
    """
    threshold = _otsu(quiet)
    is_ground = quiet < threshold
    if is_ground.all() or not is_ground.any():
        raise DataError(BLANK)
    level = _median(above[is_ground])
    noise = 1.48 * _median(abs(above[is_ground] - level))
    full = np.quantile(quiet[~is_ground], FULL)
    low = level + NOISE * noise
    if full - low < LEAST_CONTRAST:
        raise DataError(BLANK)
    strength: Grey = ((above - low) / (full - low)).clip(0, 1)
    return strength


def _ground(image: Grey) -> Grey:
    """The paper under the strokes: a morphological opening, wider than any stroke."""
    small = smaller(image, GROUND_SIDE)
    window = max(small.shape) * 45 // 100 | 1
    around = window // 2
    wide = np.pad(small, around, mode="edge")
    opened = grown(-grown(-wide, window), window)
    height, width = small.shape
    opened = opened[around : around + height, around : around + width]
    rows, columns = image.shape
    return scaled(blurred(opened, SMOOTH), (rows, columns))


def _otsu(values: Grey) -> float:
    """The threshold that separates values best into two groups (Otsu 1979)."""
    low, high = float(values.min()), float(values.max())
    counts, _ = np.histogram(values, LEVELS, (low, high + 1e-6))
    levels = np.linspace(low, high, LEVELS)
    below = counts.cumsum()
    total = (counts * levels).cumsum()
    above = below[-1] - below
    gap = total / below.clip(1) - (total[-1] - total) / above.clip(1)
    return float(levels[(below * above * gap**2).argmax()])


def _median(values: Grey) -> float:
    """The lower of the two in the middle."""
    middle = (len(values) - 1) // 2
    return float(np.partition(values, middle)[middle])


def _strokes(ink: Grey) -> Mask:
    """Where the digit's own strokes are, without dirt and what leans in."""
    mask = ink > SURE
    height, width = ink.shape
    # looked at from afar: parts with a hair between them are one
    factor = min(PARTS_SIDE / max(height, width), 1)
    size = (max(round(height * factor), 1), max(round(width * factor), 1))
    labels, areas, at_edge = components(any_in_block(mask, size))
    if len(areas) == 0:
        raise DataError(BLANK)
    inside = areas * ~at_edge
    if inside.max() * 5 >= areas.max():
        areas = inside
    kept = np.nonzero(areas >= areas.max() * SPECK)[0] + 1
    return mask & repeated(np.isin(labels, kept), (height, width))
