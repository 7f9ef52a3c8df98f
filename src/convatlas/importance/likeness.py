"""How alike two maps are: by the order of their values, and by their structure."""

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d

WINDOW = 7  # side of the windows of SSIM, at most


def rank_correlation(one: Tensor, other: Tensor) -> float:
    """Spearman's: 1 for the same order of all values, 0 for no relation.

    Equal values share the mean of their ranks. 0 where one map is the same everywhere.
    """
    first, second = ranks(one.flatten()), ranks(other.flatten())
    first, second = first - first.mean(), second - second.mean()
    lengths = first.norm() * second.norm()
    return float(first @ second / lengths) if lengths > 0 else 0.0


def ranks(values: Tensor) -> Tensor:
    """Place of each value in the order of all, from 1 on, float64."""
    _, which, counts = torch.unique(values, return_inverse=True, return_counts=True)
    last = counts.cumsum(0).double()
    shared: Tensor = last - (counts - 1) / 2
    return shared[which]


def ssim(one: Tensor, other: Tensor) -> float:
    """Mean structural similarity of two maps, H W, each scaled to 0 ... 1.

    Wang et al. 2004, with plain windows of 7×7 and the paper's constants.
    """
    x, y = (_scaled(values)[None, None] for values in (one, other))
    side = min(WINDOW, *one.shape)
    mean_x, mean_y = avg_pool2d(x, side, 1), avg_pool2d(y, side, 1)
    var_x = avg_pool2d(x * x, side, 1) - mean_x**2
    var_y = avg_pool2d(y * y, side, 1) - mean_y**2
    together = avg_pool2d(x * y, side, 1) - mean_x * mean_y
    c1, c2 = 0.01**2, 0.03**2
    alike = (2 * mean_x * mean_y + c1) * (2 * together + c2)
    return float((alike / ((mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2))).mean())


def _scaled(values: Tensor) -> Tensor:
    values = values.double()
    low, high = values.min(), values.max()
    return (values - low) / (high - low) if high > low else torch.zeros_like(values)
