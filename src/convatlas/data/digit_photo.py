"""A photo or scan of one digit, made into what MNIST's pictures are.

MNIST's rule (LeCun, Bottou, Bengio and Haffner 1998, section III.A; checked on all
training pictures): light ink on black, the ink's longer side scaled to 20 pixels with
antialiasing, its centre of mass on pixel (14, 14) of 28×28, give or take half a pixel.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from convatlas.data.components import components
from convatlas.errors import DataError

SIDE = 28  # of an MNIST picture
BOX = 20  # longer side of the ink in it
CENTRE = 14  # pixel on which the centre of mass lies
WORKING_SIDE = 160  # pixels; larger pictures are made smaller first
LEAST_CONTRAST = 16  # grey levels between ground and ink
SPECK = 0.06  # of the largest stroke's area: what is smaller is dirt
EDGE = 0.2  # of the ink's strength: where a stroke ends
THINNEST = 1.8  # pixels of the 20: thinner strokes are made this thick


def as_mnist(picture: Tensor) -> Tensor:
    """One digit from paper, a screen or a scan, as MNIST would hold it.

    A picture that already has MNIST's form is returned as it is. Dark ink on light
    paper or the reverse is told by what there is more of; shading, shadows and noise
    are removed with a morphological opening; specks and what only leans in from the
    edge are left out; hair-thin strokes are made thicker.

    Args:
        picture: H×W, uint8, grey.

    Returns:
        1×28×28, uint8, light on black.

    Raises:
        DataError: nothing stands out from the ground.
    """
    if is_mnist(picture):
        return picture.unsqueeze(0)
    image = _smaller(picture.to(torch.float32)[None, None])
    if bool(_ground_is_light(image)):
        image = 255 - image
    ink = _ink(image)
    strokes = _strokes(ink)
    ink = ink * _grown(strokes, 3)
    box = _cropped(ink, strokes)
    box = _thick_enough(box)
    return _placed(_to_box(box))


def is_mnist(picture: Tensor) -> bool:
    """Whether a grey picture (H×W, uint8) has MNIST's form already.

    That is: 28×28, black but for ink that fits into 20×20 and lies about the middle.
    """
    if picture.shape != (SIDE, SIDE) or int(picture.max()) < 128:
        return False
    image = picture.to(torch.float32)
    for mass in (image.sum(dim=0), image.sum(dim=1)):
        there = torch.nonzero(mass).flatten()
        if int(there[-1] - there[0]) >= BOX:
            return False
        middle = float(mass @ torch.arange(SIDE).to(mass) / mass.sum())
        if abs(middle - CENTRE) > 1:
            return False
    return True


def _smaller(image: Tensor) -> Tensor:
    """The longer side at most WORKING_SIDE; a digit this large loses nothing."""
    longest = max(image.shape[-2:])
    if longest <= WORKING_SIDE:
        return image
    factor = WORKING_SIDE / longest
    size = [max(round(side * factor), 1) for side in image.shape[-2:]]
    return F.interpolate(image, size=size, mode="bilinear", antialias=True)


def _ground_is_light(image: Tensor) -> bool:
    """Whether the ink is darker than the ground.

    The ground is a smooth surface through most of the pixels (least absolute
    deviations, so that ink does not pull it); ink lies on one side of it, far away.
    """
    small = F.adaptive_avg_pool2d(image, 32).reshape(-1, 1)
    line = torch.linspace(-1, 1, 32)
    y, x = (part.reshape(-1) for part in torch.meshgrid(line, line, indexing="ij"))
    terms = torch.stack([torch.ones_like(x), x, y, x * y, x * x, y * y], dim=1)
    weights = torch.ones_like(small)
    for _ in range(20):
        surface = torch.linalg.lstsq(terms * weights, small * weights).solution
        distance = small - terms @ surface
        weights = 1 / torch.sqrt(distance.abs() + 1)
    return bool((distance**3).sum() < 0)


def _ink(image: Tensor) -> Tensor:
    """How much each pixel stands out from its surroundings, 0 ... 1.

    Raises:
        DataError: no pixel does.
    """
    window = min(image.shape[-2:]) * 45 // 100 | 1
    calm = F.avg_pool2d(F.pad(image, (1, 1, 1, 1), mode="replicate"), 3, 1)
    ground = _grown(-_grown(-calm, window), window)
    ground = _blurred(ground, window // 2 | 1)
    above = image - ground
    quiet = calm - ground
    threshold = _otsu(quiet)
    is_ground = quiet < threshold
    level = above[is_ground].median()
    noise = (above[is_ground] - level).abs().median()
    strong = quiet[~is_ground]
    if strong.numel() == 0:
        raise DataError("the picture is blank: nothing stands out from its ground")
    full = strong.quantile(0.8)
    low = level + 3 * noise
    if float(full - low) < LEAST_CONTRAST:
        raise DataError("the picture is blank: nothing stands out from its ground")
    return ((above - low) / (full - low)).clamp(0, 1)


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
    mask = ink[0, 0] > 0.35
    labels, areas, at_edge = components(mask)
    if len(areas) == 0:
        raise DataError("the picture is blank: nothing stands out from its ground")
    inside = areas * ~at_edge
    if inside.max() * 5 >= areas.max():
        areas = inside
    kept = areas >= areas.max() * SPECK
    return torch.isin(labels, torch.nonzero(kept).flatten() + 1).to(ink)[None, None]


def _cropped(ink: Tensor, strokes: Tensor) -> Tensor:
    """The smallest part that holds all of the strokes."""
    there = (ink * _grown(strokes, 3) > EDGE)[0, 0]
    rows = torch.nonzero(there.any(dim=1)).flatten()
    columns = torch.nonzero(there.any(dim=0)).flatten()
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    return ink[..., top:bottom, left:right]


def _thick_enough(box: Tensor) -> Tensor:
    """Strokes of at least THINNEST of the 20 pixels that the box will have."""
    unit = max(box.shape[-2:]) / BOX
    solid = (box > 0.5).to(box)
    outline = solid - -_grown(-solid, 3)
    width = 2 * float(solid.sum()) / max(float(outline.sum()), 1.0)
    missing = THINNEST * unit - width
    if missing < 1:
        return box
    window = 2 * round(missing / 2) + 1
    around = window // 2
    return _grown(F.pad(box, (around,) * 4), window)


def _to_box(box: Tensor) -> Tensor:
    height, width = box.shape[-2:]
    factor = BOX / max(height, width)
    size = [max(round(side * factor), 1) for side in (height, width)]
    return F.interpolate(box, size=size, mode="bilinear", antialias=True)


def _placed(box: Tensor) -> Tensor:
    """The box in 28×28, its centre of mass on the middle, as uint8."""
    height, width = box.shape[-2:]
    mass = box.sum()
    y = float((box.sum(dim=-1) @ torch.arange(height).to(box)) / mass)
    x = float((box.sum(dim=-2) @ torch.arange(width).to(box)) / mass)
    top = min(max(round(CENTRE - y), 0), SIDE - height)
    left = min(max(round(CENTRE - x), 0), SIDE - width)
    canvas = torch.zeros(1, SIDE, SIDE)
    canvas[:, top : top + height, left : left + width] = box[0]
    return (canvas * 255).round().clamp(0, 255).to(torch.uint8)


def _grown(image: Tensor, window: int) -> Tensor:
    """The largest value of each pixel's neighbourhood: morphological dilation."""
    around = window // 2
    rows = F.max_pool2d(image, (window, 1), 1, (around, 0))
    return F.max_pool2d(rows, (1, window), 1, (0, around))


def _blurred(image: Tensor, window: int) -> Tensor:
    around = window // 2
    padded = F.pad(image, (around,) * 4, mode="replicate")
    return F.avg_pool2d(padded, window, 1)
