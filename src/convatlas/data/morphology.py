"""What is done to whole pictures (N C H W, float) before a digit is looked for."""

from torch import Tensor
from torch.nn import functional as F


def smaller(image: Tensor, side: int) -> Tensor:
    """The longer side at most ``side``."""
    longest = max(image.shape[-2:])
    if longest <= side:
        return image
    size = [max(round(length * side / longest), 1) for length in image.shape[-2:]]
    return F.interpolate(image, size=size, mode="bilinear", antialias=True)


def grown(image: Tensor, window: int) -> Tensor:
    """The largest value of each pixel's neighbourhood: morphological dilation."""
    around = window // 2
    rows = F.max_pool2d(image, (window, 1), 1, (around, 0))
    return F.max_pool2d(rows, (1, window), 1, (0, around))


def blurred(image: Tensor, window: int) -> Tensor:
    """The mean of each pixel's neighbourhood; beyond the edge the edge goes on."""
    around = window // 2
    padded = F.pad(image, (around,) * 4, mode="replicate")
    return F.avg_pool2d(padded, window, 1)
