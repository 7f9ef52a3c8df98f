"""A photo or scan of one digit, made into what MNIST's pictures are.

MNIST's rule (LeCun, Bottou, Bengio and Haffner 1998, section III.A; checked on the
4,000 training pictures of digits-5k): light ink on black, the ink's longer side scaled
to 20 pixels with antialiasing, its centre of mass on pixel (14, 14) of 28×28, give or
take half a pixel.
"""

import torch
from torch import Tensor
from torch.nn import functional as F

from convatlas.data.ink import find_ink
from convatlas.data.morphology import grown, smaller

SIDE = 28  # of an MNIST picture
BOX = 20  # longer side of the ink in it
CENTRE = 14  # pixel on which the centre of mass lies
WORKING_SIDE = 160  # pixels; larger pictures are made smaller first
EDGE = 0.12  # of the ink's strength: where a stroke ends
SOFT = 1.0  # pixels of the 20 over which the edge of a stroke may be blurred
THINNEST = 1.2  # pixels of the 20: thinner strokes are made this thick
NEAR = 0.6  # of the picture: a digit smaller than that is looked at from near
MARGIN = 0.3  # of the digit's longer side, around it then


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
    image = picture.to(torch.float32)[None, None]
    ink, strokes = find_ink(smaller(image, WORKING_SIDE))
    part = _where(strokes, image)
    if max(part.shape[-2:]) < NEAR * max(image.shape[-2:]):
        # a small digit in a large picture: once more, from near
        ink, strokes = find_ink(smaller(part, WORKING_SIDE))
    box = _cropped(ink * grown(strokes, _around(strokes)))
    return _placed(_to_box(_thick_enough(box)))


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


def _where(strokes: Tensor, image: Tensor) -> Tensor:
    """The part of the whole picture that holds the strokes, with a margin."""
    sides = []
    for axis in (2, 3):
        there = torch.nonzero(strokes.amax(dim=(0, 1, 5 - axis))).flatten()
        scale = image.shape[axis] / strokes.shape[axis]
        sides.append((float(there[0]) * scale, float(there[-1] + 1) * scale))
    margin = MARGIN * max(stop - start for start, stop in sides)
    (top, bottom), (left, right) = [
        (max(round(start - margin), 0), round(stop + margin)) for start, stop in sides
    ]
    return image[..., top:bottom, left:right]


def _around(strokes: Tensor) -> int:
    """A window that reaches over the soft edge of a stroke: a pixel of the 20."""
    rows, columns = strokes[0, 0].sum(dim=1), strokes[0, 0].sum(dim=0)
    longest = max(len(torch.nonzero(rows)), len(torch.nonzero(columns)))
    return 2 * max(round(SOFT * longest / BOX), 1) + 1


def _cropped(ink: Tensor) -> Tensor:
    """The smallest part that holds all of the ink."""
    there = (ink > EDGE)[0, 0]
    rows = torch.nonzero(there.any(dim=1)).flatten()
    columns = torch.nonzero(there.any(dim=0)).flatten()
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    left, right = int(columns[0]), int(columns[-1]) + 1
    return ink[..., top:bottom, left:right]


def _thick_enough(box: Tensor) -> Tensor:
    """Strokes of at least THINNEST of the 20 pixels that the box will have."""
    unit = max(box.shape[-2:]) / BOX
    solid = (box > 0.5).to(box)
    outline = solid - -grown(-solid, 3)
    width = 2 * float(solid.sum()) / max(float(outline.sum()), 1.0)
    missing = THINNEST * unit - width
    if missing < 1:
        return box
    window = 2 * round(missing / 2) + 1
    around = window // 2
    return grown(F.pad(box, (around,) * 4), window)


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
