"""Where a number lies in a picture: boxes, and the maps that a finder gives.

A box is left, top, right, bottom, as shares of the picture's width and height.
"""

import torch
from torch import Tensor
from torch.nn.functional import softplus

REACH = 0.2  # share of the picture that a raw distance of about 1 stands for
DIGIT, TRUST, DISTANCES, CLASSES = 0, 1, slice(2, 6), slice(6, 16)
MAPS = 16  # channels of a finder's answer: these


def union(boxes: Tensor) -> Tensor:
    """The box around all digits of each picture.

    Args:
        boxes: N × digits × 4; NaN where there is no digit.

    Returns:
        N × 4; the whole picture where no digit has a box.
    """
    low = boxes[..., :2].nan_to_num(nan=torch.inf).amin(1)
    high = boxes[..., 2:].nan_to_num(nan=-torch.inf).amax(1)
    both = torch.cat([low, high], dim=1)
    whole = both.new_tensor([0.0, 0.0, 1.0, 1.0])
    return torch.where(torch.isfinite(both).all(1, keepdim=True), both, whole)


def enlarged(boxes: Tensor, share: float | Tensor) -> Tensor:
    """Boxes with a margin on each side, ``share`` of their own width and height."""
    more = (boxes[:, 2:] - boxes[:, :2]) * share
    return torch.cat([boxes[:, :2] - more, boxes[:, 2:] + more], dim=1)


def overlap(boxes: Tensor, others: Tensor) -> tuple[Tensor, Tensor]:
    """Intersection over union, and its generalised form (Rezatofighi et al. 2019).

    Args:
        boxes: N × 4.
        others: N × 4.

    Returns:
        N in 0 ... 1, and N in -1 ... 1, which falls with the distance of boxes apart.
    """
    low = torch.maximum(boxes[:, :2], others[:, :2])
    high = torch.minimum(boxes[:, 2:], others[:, 2:])
    shared = (high - low).clamp_min(0).prod(1)
    together = _area(boxes) + _area(others) - shared + 1e-9
    hull_low = torch.minimum(boxes[:, :2], others[:, :2])
    hull_high = torch.maximum(boxes[:, 2:], others[:, 2:])
    hull = (hull_high - hull_low).prod(1) + 1e-9
    iou = shared / together
    return iou, iou - (hull - together) / hull


def _area(boxes: Tensor) -> Tensor:
    return (boxes[:, 2:] - boxes[:, :2]).clamp_min(0).prod(1)


def box_of(maps: Tensor) -> Tensor:
    """The one box that a finder's answer says.

    Every position of the map tells a box of its own; they are averaged, weighed by the
    softmax of the trust that the finder has in each position.

    Args:
        maps: N × 16 × H × W, as ``boxes_of`` takes them.

    Returns:
        N × 4.
    """
    trust = maps[:, TRUST].flatten(1).softmax(dim=1)
    return (boxes_of(maps).flatten(2) * trust[:, None]).sum(2)


def boxes_of(maps: Tensor) -> Tensor:
    """The box that each position tells, N × 4 × H × W.

    Args:
        maps: N × 16 × H × W: logit that a digit covers the position, trust, the raw
            distances from its middle to the left, top, right and bottom, and logits of
            which digit it is, 0 ... 9.
    """
    x, y = positions(maps)
    left, top, right, bottom = (softplus(maps[:, DISTANCES]) * REACH).unbind(1)
    return torch.stack([x - left, y - top, x + right, y + bottom], dim=1)


def positions(maps: Tensor) -> tuple[Tensor, Tensor]:
    """Middles of a map's positions: x (W) and y (H × 1), shares of the picture."""
    height, width = maps.shape[-2:]
    x = (torch.arange(width, device=maps.device) + 0.5) / width
    y = (torch.arange(height, device=maps.device) + 0.5) / height
    return x, y[:, None]


def covered(boxes: Tensor, maps: Tensor) -> Tensor:
    """N × digits × H × W, bool: the positions of a map that lie inside each digit.

    Args:
        boxes: of the digits, N × digits × 4.
        maps: N × any × H × W; its size alone counts.
    """
    x, y = positions(maps)
    left, top, right, bottom = (side[..., None, None] for side in boxes.unbind(2))
    return (x > left) & (x < right) & (y > top) & (y < bottom)
