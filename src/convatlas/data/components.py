"""Connected parts of a mask."""

import torch
from torch import Tensor
from torch.nn import functional as F


def components(mask: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Numbers the parts of a mask that hang together, diagonals included.

    Args:
        mask: H×W, bool.

    Returns:
        H×W int64, 0 outside and 1 … n in the parts; then, for each part, its area in
        pixels (int64) and whether it touches the edge of the mask (bool).
    """
    height, width = mask.shape
    numbers = torch.arange(1, height * width + 1, dtype=torch.float32)
    labels = numbers.reshape(1, 1, height, width) * mask
    while True:
        # the largest number of a part spreads through it; a few steps per check
        spread = labels
        for _ in range(16):
            spread = F.max_pool2d(spread, 3, 1, 1) * mask
        if torch.equal(spread, labels):
            break
        labels = spread
    flat = labels[0, 0].to(torch.int64)
    found, position = torch.unique(flat, return_inverse=True)
    if int(found[0]) != 0:  # no pixel is outside
        position = position + 1
    areas = torch.bincount(position.reshape(-1))[1:]
    at_edge = torch.zeros(len(areas) + 1, dtype=torch.bool)
    for side in (position[0], position[-1], position[:, 0], position[:, -1]):
        at_edge[side] = True
    return position, areas, at_edge[1:]
