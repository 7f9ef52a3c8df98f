"""A photo or scan of one digit, made into what MNIST's pictures are; without torch.

MNIST's rule (LeCun, Bottou, Bengio and Haffner 1998, section III.A; checked on the
4,000 training pictures of digits-5k): light ink on black, the ink's longer side scaled
to 20 pixels with antialiasing, its centre of mass on pixel (14, 14) of 28×28, give or
take half a pixel.
"""

import numpy as np
from numpy.typing import NDArray

from convatlas.digit_photo.filters import Grey, Mask, grown, scaled, smaller
from convatlas.digit_photo.ink import find_ink

Pixels = NDArray[np.uint8]

SIDE = 28  # of an MNIST picture
BOX = 20  # longer side of the ink in it
CENTRE = 14  # pixel on which the centre of mass lies
WORKING_SIDE = 160  # pixels; larger pictures are made smaller first
EDGE = 0.12  # of the ink's strength: where a stroke ends
SOFT = 1.0  # pixels of the 20 over which the edge of a stroke may be blurred
THINNEST = 1.2  # pixels of the 20: thinner strokes are made this thick
NEAR = 0.6  # of the picture: a digit smaller than that is looked at from near
MARGIN = 0.3  # of the digit's longer side, around it then


def as_mnist(picture: Pixels) -> Pixels:
    """One digit from paper, a screen or a scan, as MNIST would hold it.

    A picture that already has MNIST's form is returned as it is. Dark ink on light
    paper or the reverse is told by what there is more of; shading, shadows and noise
    are removed with a morphological opening; specks and what only leans in from the
    edge are left out; hair-thin strokes are made thicker.

    Args:
        picture: H×W, grey.

    Returns:
        28×28, light on black.

    Raises:
        DataError: nothing stands out from the ground.
    """
    if is_mnist(picture):
        return picture
    image: Grey = picture.astype(np.float32)
    ink, strokes = find_ink(smaller(image, WORKING_SIDE))
    part = _where(strokes, image)
    if max(part.shape) < NEAR * max(image.shape):
        # a small digit in a large picture: once more, from near
        ink, strokes = find_ink(smaller(part, WORKING_SIDE))
    near = grown(strokes.astype(np.float32), _around(strokes))
    return _placed(_to_box(_thick_enough(_cropped(ink * near))))


def is_mnist(picture: Pixels) -> bool:
    """Whether a grey picture (H×W) has MNIST's form already.

    That is: 28×28, black but for ink that fits into 20×20 and lies about the middle.
    """
    if picture.shape != (SIDE, SIDE) or int(picture.max()) < 128:
        return False
    for axis in (0, 1):
        mass = picture.sum(axis)
        there = np.nonzero(mass)[0]
        if there[-1] - there[0] >= BOX:
            return False
        middle = float(mass @ np.arange(SIDE)) / float(mass.sum())
        if abs(middle - CENTRE) > 1:
            return False
    return True


def _where(strokes: Mask, image: Grey) -> Grey:
    """The part of the whole picture that holds the strokes, with a margin."""
    sides = []
    for axis in (0, 1):
        first, last = _ends(strokes, axis)
        scale = image.shape[axis] / strokes.shape[axis]
        sides.append((first * scale, (last + 1) * scale))
    margin = MARGIN * max(stop - start for start, stop in sides)
    (top, bottom), (left, right) = [
        (max(round(start - margin), 0), round(stop + margin)) for start, stop in sides
    ]
    return image[top:bottom, left:right]


def _around(strokes: Mask) -> int:
    """A window that reaches over the soft edge of a stroke: a pixel of the 20."""
    longest = max(int(strokes.any(axis).sum()) for axis in (0, 1))
    return 2 * max(round(SOFT * longest / BOX), 1) + 1


def _cropped(ink: Grey) -> Grey:
    """The smallest part that holds all of the ink."""
    there = ink > EDGE
    top, bottom = _ends(there, 0)
    left, right = _ends(there, 1)
    return ink[top : bottom + 1, left : right + 1]


def _ends(mask: Mask, axis: int) -> tuple[int, int]:
    """The first and the last row (or column) that has a pixel of the mask."""
    places = np.nonzero(mask)[axis]
    return int(places.min()), int(places.max())


def _thick_enough(box: Grey) -> Grey:
    """Strokes of at least THINNEST of the 20 pixels that the box will have."""
    unit = max(box.shape) / BOX
    solid = (box > 0.5).astype(np.float32)
    outline = solid - -grown(-solid, 3)
    width = 2 * float(solid.sum()) / max(float(outline.sum()), 1.0)
    missing = THINNEST * unit - width
    if missing < 1:
        return box
    window = 2 * round(missing / 2) + 1
    return grown(np.pad(box, window // 2), window)


def _to_box(box: Grey) -> Grey:
    factor = BOX / max(box.shape)
    height, width = (max(round(side * factor), 1) for side in box.shape)
    return scaled(box, (height, width))


def _placed(box: Grey) -> Pixels:
    """The box in 28×28, its centre of mass on the middle."""
    height, width = box.shape
    mass = float(box.sum())
    y = float(box.sum(1) @ np.arange(height)) / mass
    x = float(box.sum(0) @ np.arange(width)) / mass
    top = min(max(round(CENTRE - y), 0), SIDE - height)
    left = min(max(round(CENTRE - x), 0), SIDE - width)
    canvas = np.zeros((SIDE, SIDE))
    canvas[top : top + height, left : left + width] = box
    return (canvas * 255).round().clip(0, 255).astype(np.uint8)
