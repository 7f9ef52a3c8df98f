"""Where pictures are blanked: a rectangle each, as random erasing has it."""

import math
from collections.abc import Callable

import torch
from torch import Tensor

AREA = (0.02, 0.33)  # of a rectangle, as a share of the picture's
RATIO = (0.3, 3.3)  # its height for its width

Draw = Callable[[float, float], Tensor]


def rectangles(
    draw: Draw, share: float, size: tuple[int, int], area: tuple[float, float] = AREA
) -> Tensor:
    """N 1 H W, bool: where a rectangle lies, in the pictures that get one.

    Source: Zhong et al. 2020 (arXiv:1708.04896).

    Args:
        draw: N uniform random numbers between two limits.
        share: of pictures that get a rectangle.
        size: height and width of the pictures.
        area: least and largest share of a picture that is blanked.
    """
    height, width = size
    chosen = draw(0, 1) < share
    pixels = draw(*area) * height * width
    ratio = torch.exp(draw(*(math.log(limit) for limit in RATIO)))
    tall = torch.sqrt(pixels * ratio).round().clamp(1, height)
    wide = torch.sqrt(pixels / ratio).round().clamp(1, width)
    top = torch.floor(draw(0, 1) * (height - tall + 1))
    left = torch.floor(draw(0, 1) * (width - wide + 1))
    inside_rows = _between(top, tall, height) & chosen[:, None]
    inside_columns = _between(left, wide, width)
    return (inside_rows[:, :, None] & inside_columns[:, None, :])[:, None]


def _between(start: Tensor, length: Tensor, size: int) -> Tensor:
    """N × size, bool: which positions lie in start ... start + length."""
    positions = torch.arange(size, device=start.device)
    return (positions >= start[:, None]) & (positions < (start + length)[:, None])
