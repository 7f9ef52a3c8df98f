"""Windows around house numbers, and the maps that cut them out of whole pictures.

A window is chosen on the *plane*: the picture in its true aspect, in pixels of the
file, turned and slanted about the middle of its number. Boxes have the edges left,
top, right, bottom in this order.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

# a digit fills its box about as the curve |x/a|⁴ + |y/b|⁴ = 1 does: turned, it reaches
# further than an ellipse and not as far as the box's corners; 4/3 is the dual exponent
REACH = 4 / 3


@dataclass(frozen=True)
class Plane:
    """Pictures turned and slanted, and where their digits then are.

    Attributes:
        centres: N × 2, x and y of the middle of the number, in pixels of the picture;
            the plane's origin.
        turns: N × 2 × 2, from the picture to the plane, about that middle; see
            ``turned``.
        digits: N × digits × 4, on the plane; NaN where there is none.
        number: N × 4, their union; the whole picture where there is no digit.
        frame: N × 4, the picture's own edges, widened where the number goes beyond.
        sizes: N × 2, width and height of the picture.
    """

    centres: Tensor
    turns: Tensor
    digits: Tensor
    number: Tensor
    frame: Tensor
    sizes: Tensor


def union(boxes: Tensor) -> Tensor:
    """The smallest box around all digits of a picture; NaN where there is no digit.

    Args:
        boxes: N × digits × 4, NaN where there is no digit.

    Returns:
        N × 4.
    """
    low = boxes[..., :2].nan_to_num(torch.inf).amin(dim=1)
    high = boxes[..., 2:].nan_to_num(-torch.inf).amax(dim=1)
    whole = torch.cat([low, high], dim=1)
    return torch.where(whole.isfinite(), whole, torch.nan)


def turned(angle: Tensor, slant: Tensor) -> Tensor:
    """Matrices that slant along the rows, then turn clockwise as one sees it.

    Args:
        angle: N, degrees.
        slant: N, degrees.

    Returns:
        N × 2 × 2, the geometry of ``torchvision.transforms.v2.functional.affine``.
    """
    turn, lean = torch.deg2rad(angle), torch.tan(torch.deg2rad(slant))
    cos, sin = torch.cos(turn), torch.sin(turn)
    rows = [cos, -cos * lean - sin, sin, cos - sin * lean]
    return torch.stack(rows, dim=1).reshape(-1, 2, 2)


def plane(boxes: Tensor, sizes: Tensor, turns: Tensor) -> Plane:
    """Turns pictures about the middles of their numbers.

    Args:
        boxes: N × digits × 4, shares of the picture, NaN where there is no digit.
        sizes: N × 2, height and width of the picture in its own pixels.
        turns: N × 2 × 2, see ``turned``.
    """
    sizes = sizes.flip(1).to(torch.float32)
    edges = boxes * sizes.repeat(1, 2)[:, None]
    none = edges.isnan().any(dim=2).all(dim=1)
    whole = torch.cat([torch.zeros_like(sizes), sizes], dim=1)
    around = torch.where(none[:, None], whole, union(edges))
    centres = (around[:, :2] + around[:, 2:]) / 2
    middles = (edges[..., :2] + edges[..., 2:]) / 2 - centres[:, None]
    halves = (edges[..., 2:] - edges[..., :2]) / 2
    reach = halves[:, :, None] * turns.abs()[:, None]
    reach = reach.pow(REACH).sum(dim=3).pow(1 / REACH)
    middles = middles @ turns.transpose(1, 2)
    digits = torch.cat([middles - reach, middles + reach], dim=2)
    frame = whole - centres.repeat(1, 2)
    number = torch.where(none[:, None], frame, union(digits))
    low = torch.minimum(frame[:, :2], number[:, :2])
    high = torch.maximum(frame[:, 2:], number[:, 2:])
    return Plane(centres, turns, digits, number, torch.cat([low, high], dim=1), sizes)


def widened(box: Tensor, margins: Tensor, frame: Tensor) -> Tensor:
    """Boxes with a margin at each edge, cut to the frame.

    Args:
        box: N × 4.
        margins: N × 4 or one for all, shares of the box's own width and height.
        frame: N × 4, no edge goes beyond it.
    """
    extent = (box[:, 2:] - box[:, :2]).repeat(1, 2)
    outward = torch.tensor([-1.0, -1.0, 1.0, 1.0], device=box.device)
    edges = box + outward * margins * extent
    low = torch.maximum(edges[:, :2], frame[:, :2])
    high = torch.minimum(edges[:, 2:], frame[:, 2:])
    return torch.cat([low, high], dim=1)


def zoomed_out(
    inner: Tensor, frame: Tensor, zoom: Tensor, stretch: Tensor, place: Tensor
) -> Tensor:
    """Windows between an inner one and the whole frame, which hold the inner one.

    Args:
        inner: N × 4.
        frame: N × 4, around ``inner``.
        zoom: N, 0 for the inner window, 1 for the frame; sizes grow geometrically.
        stretch: N, natural logarithm of the factor by which the window gets wider for
            its height, as far as inner window and frame allow.
        place: N × 2, 0 ... 1, where along its way each side of the window lies.
    """
    least = inner[:, 2:] - inner[:, :2]
    most = frame[:, 2:] - frame[:, :2]
    uneven = torch.stack([stretch / 2, -stretch / 2], dim=1).exp()
    size = least * (most / least).pow(zoom[:, None]) * uneven
    size = torch.minimum(torch.maximum(size, least), most)
    first = torch.maximum(inner[:, 2:] - size, frame[:, :2])
    last = torch.minimum(inner[:, :2], frame[:, 2:] - size)
    low = first + place * (last - first)
    return torch.cat([low, low + size], dim=1)


def beside(
    number: Tensor, frame: Tensor, scale: Tensor, place: Tensor
) -> tuple[Tensor, Tensor]:
    """Windows like a number's own, but anywhere in the frame.

    Args:
        number: N × 4.
        frame: N × 4, around ``number``.
        scale: N, side of a window for one of the number's box.
        place: N × 2, 0 ... 1, where along its way each side of the window lies.

    Returns:
        N × 4, and N, bool: whether nothing of the number is in it.
    """
    most = frame[:, 2:] - frame[:, :2]
    size = torch.minimum((number[:, 2:] - number[:, :2]) * scale[:, None], most)
    low = frame[:, :2] + place * (most - size)
    high = low + size
    apart = (high <= number[:, :2]) | (low >= number[:, 2:])
    return torch.cat([low, high], dim=1), apart.any(dim=1)


def to_canvas(plane: Plane, window: Tensor) -> Tensor:
    """From a point of the window to the point of the picture that it shows.

    Args:
        plane: the pictures.
        window: N × 4, on the plane.

    Returns:
        N × 2 × 3; both points as -1 ... 1 from edge to edge, as ``grid_sample`` has it.
    """
    (xx, xy), (yx, yy) = (row.unbind(dim=1) for row in plane.turns.unbind(dim=1))
    back = torch.stack([yy, -xy, -yx, xx], dim=1).reshape(-1, 2, 2)  # areas are kept
    half = (window[:, 2:] - window[:, :2]) / 2
    middle = (window[:, :2] + window[:, 2:]) / 2
    scale = 2 / plane.sizes
    linear = back * half[:, None] * scale[:, :, None]
    origin = (back @ middle[:, :, None])[..., 0] + plane.centres
    return torch.cat([linear, (origin * scale - 1)[:, :, None]], dim=2)


def shares_of(window: Tensor, boxes: Tensor) -> Tensor:
    """Boxes as shares of a window, cut to it.

    Args:
        window: N × 4.
        boxes: N × digits × 4 of the same plane, NaN where there is no digit.
    """
    size = (window[:, 2:] - window[:, :2]).repeat(1, 2)[:, None]
    return ((boxes - window[:, :2].repeat(1, 2)[:, None]) / size).clamp(0, 1)
