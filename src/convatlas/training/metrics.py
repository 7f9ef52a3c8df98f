"""Figures that say how good predictions are."""

from math import sqrt

import torch
from torch import Tensor

Z95 = 1.959963984540054  # 97.5 % quantile of the normal distribution


def wilson_interval(correct: int, count: int) -> tuple[float, float]:
    """95 % confidence interval of a share (Wilson 1927); (0, 1) of nothing."""
    if count == 0:
        return 0.0, 1.0
    share = correct / count
    denominator = 1 + Z95**2 / count
    centre = (share + Z95**2 / (2 * count)) / denominator
    half = Z95 * sqrt(share * (1 - share) / count + Z95**2 / (4 * count**2))
    low, high = centre - half / denominator, centre + half / denominator
    return max(0.0, low), min(1.0, high)


def confusion_matrix(labels: Tensor, predicted: Tensor, classes: int) -> Tensor:
    """Counts, classes × classes: row = true class, column = predicted class."""
    pairs = labels * classes + predicted
    return torch.bincount(pairs, minlength=classes**2).view(classes, classes)


def calibration_error(probabilities: Tensor, labels: Tensor, bins: int = 15) -> float:
    """Expected calibration error (Guo et al. 2017, eq. 3), in 0 ... 1.

    Args:
        probabilities: N × classes.
        labels: N.
        bins: of equal width over the confidence.
    """
    confidence, predicted = probabilities.max(dim=1)
    correct = (predicted == labels).double()
    index = (confidence * bins).long().clamp_max(bins - 1)
    count = torch.bincount(index, minlength=bins).clamp_min(1)
    mean_confidence = torch.bincount(index, confidence.double(), bins) / count
    accuracy = torch.bincount(index, correct, bins) / count
    share = torch.bincount(index, minlength=bins) / len(labels)
    return float((share * (mean_confidence - accuracy).abs()).sum())
