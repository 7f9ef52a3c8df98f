"""Figures that say how good predictions are."""

from math import sqrt

import torch
from torch import Tensor

Z95 = 1.959963984540054  # 97.5 % quantile of the normal distribution
GOAL = 0.98  # accuracy at which coverage is reported (Goodfellow et al. 2013)


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
    return confidence_error(confidence, predicted == labels, bins)


def confidence_error(confidence: Tensor, correct: Tensor, bins: int = 15) -> float:
    """The same of answers that have one confidence each.

    Args:
        confidence: N, 0 ... 1.
        correct: N, bool.
        bins: of equal width over the confidence.
    """
    index = (confidence * bins).long().clamp_max(bins - 1)
    count = torch.bincount(index, minlength=bins).clamp_min(1)
    mean_confidence = torch.bincount(index, confidence.double(), bins) / count
    accuracy = torch.bincount(index, correct.double(), bins) / count
    share = torch.bincount(index, minlength=bins) / len(confidence)
    return float((share * (mean_confidence - accuracy).abs()).sum())


def most_at_goal(accuracy: Tensor) -> int:
    """How many of the surest answers can be given so that ``GOAL`` are right.

    Args:
        accuracy: as ``accuracy_of_surest`` gives it.
    """
    good = (accuracy >= GOAL).nonzero().flatten()
    return int(good[-1]) + 1 if len(good) else 0


def accuracy_of_surest(confidence: Tensor, correct: Tensor) -> tuple[Tensor, Tensor]:
    """Accuracy over coverage: what is right if only the surest answers are given.

    Args:
        confidence: N.
        correct: N, bool.

    Returns:
        The confidences, falling; and the accuracy of the k surest answers, k = 1 ... N,
        float64. Answers that are equally sure are given together: all of them have the
        accuracy of the last.
    """
    falling, order = confidence.double().sort(descending=True, stable=True)
    counts = torch.arange(1, len(order) + 1, device=order.device)
    accuracy = correct[order].double().cumsum(0) / counts
    last = torch.searchsorted(-falling, -falling, right=True) - 1
    return falling, accuracy[last]
