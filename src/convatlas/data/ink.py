"""Tells the ink of a digit from the ground it lies on: paper, a screen, a wall."""

import torch
from torch import Tensor
from torch.nn import functional as F

from convatlas.data.components import components
from convatlas.data.morphology import blurred, grown, smaller
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
BLANK = "the picture is blank: nothing stands out from its ground"


def find_ink(image: Tensor) -> tuple[Tensor, Tensor]:
    """Strength of the ink, 0 ... 1, and the strokes that belong to the digit, 0 or 1.

    Raises:
        DataError: nothing stands out from the ground.
    """
    calm = blurred(image, 3)
    if ground_is_light(image):
        ground = 255 - _ground(255 - calm)
        # paper gives back a share of the light, be it in the sun or in the shade
        light = 255 / ground.clamp(min=DARKEST)
        ink = _ink((ground - image) * light, (ground - calm) * light)
    else:
        ground = _ground(calm)
        ink = _ink(image - ground, calm - ground)
    return ink, _strokes(ink)


def ground_is_light(image: Tensor) -> bool:
    """Whether the ink is darker than the ground.

    The ground is a smooth surface through most of the pixels (least absolute
    deviations, so that ink does not pull it), those at the edge counting more, since
    paper is what reaches the edge; ink lies on one side of it, far away.
    """
    side = POLARITY_SIDE
    small = F.adaptive_avg_pool2d(image, side).reshape(-1, 1)
    line = torch.linspace(-1, 1, side)
    y, x = (part.reshape(-1) for part in torch.meshgrid(line, line, indexing="ij"))
    terms = torch.stack([torch.ones_like(x), x, y, x * y, x * x, y * y], dim=1)
    outside = torch.maximum(x.abs(), y.abs())[:, None] > 1 - 2.5 / side
    trust = torch.where(outside, EDGE_TRUST, 1.0)
    weights = trust
    for _ in range(20):
        surface = torch.linalg.lstsq(terms * weights, small * weights).solution
        distance = small - terms @ surface
        weights = torch.sqrt(trust / (distance.abs() + 1))
    return bool((distance**3).sum() < 0)


def _ink(above: Tensor, quiet: Tensor) -> Tensor:
    """How strong the ink of each pixel is, 0 ... 1.

    Args:
        above: how much each pixel stands out from the ground.
        quiet: the same of the blurred picture.

    Raises:
        DataError: no pixel does.
    """
    threshold = _otsu(quiet)
    is_ground = quiet < threshold
    strong = quiet[~is_ground]
    level = above[is_ground].median()
    noise = 1.48 * (above[is_ground] - level).abs().median()
    full = strong.quantile(FULL)
    low = level + NOISE * noise
    if float(full - low) < LEAST_CONTRAST:
        raise DataError(BLANK)
    return ((above - low) / (full - low)).clamp(0, 1)


def _ground(image: Tensor) -> Tensor:
    """The paper under the strokes: a morphological opening, wider than any stroke."""
    small = smaller(image, GROUND_SIDE)
    window = max(small.shape[-2:]) * 45 // 100 | 1
    around = window // 2
    wide = F.pad(small, (around,) * 4, mode="replicate")
    opened = grown(-grown(-wide, window), window)
    opened = opened[..., around:-around, around:-around] if around else opened
    smooth = blurred(opened, SMOOTH)
    return F.interpolate(smooth, size=image.shape[-2:], mode="bilinear")


def _otsu(values: Tensor) -> Tensor:
    """The threshold that separates values best into two groups (Otsu 1979)."""
    low, high = values.min(), values.max()
    counts = torch.histc(values, 128, float(low), float(high) + 1e-6)
    levels = torch.linspace(float(low), float(high), 128)
    below = counts.cumsum(0)
    total = (counts * levels).cumsum(0)
    above = below[-1] - below
    gap = total / below.clamp(min=1) - (total[-1] - total) / above.clamp(min=1)
    return levels[(below * above * gap**2).argmax()]


def _strokes(ink: Tensor) -> Tensor:
    """1 where the digit's own strokes are, without dirt and what leans in."""
    mask = (ink > SURE).to(ink)
    height, width = ink.shape[-2:]
    # looked at from afar: parts with a hair between them are one
    factor = min(PARTS_SIDE / max(height, width), 1)
    size = (max(round(height * factor), 1), max(round(width * factor), 1))
    labels, areas, at_edge = components(F.adaptive_max_pool2d(mask, size)[0, 0] > 0)
    if len(areas) == 0:
        raise DataError(BLANK)
    inside = areas * ~at_edge
    if inside.max() * 5 >= areas.max():
        areas = inside
    kept = torch.nonzero(areas >= areas.max() * SPECK).flatten() + 1
    belongs = torch.isin(labels, kept).to(ink)[None, None]
    return mask * F.interpolate(belongs, size=(height, width), mode="nearest")
