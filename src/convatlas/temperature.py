"""One number that makes confidences honest (Guo et al. 2017, section 4.2).

Answers are divided by it before they become probabilities. It changes no answer of one
place, only how sure it is.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import exp, log, sqrt
from typing import Protocol

import torch
from torch import Tensor

from convatlas.readings import log_probability
from convatlas.training.tasks import Task

LEAST, MOST = 0.1, 10.0  # temperatures that are tried
TURNS = 40  # of the search; each leaves .618 of the range
GOLDEN = (sqrt(5) - 1) / 2


@dataclass(frozen=True)
class Fitted:
    """A temperature and what it was worth.

    Attributes:
        temperature: the best one; 1 where no number could be said.
        loss_before: mean of -log(probability of the true number), at 1.
        loss: the same at the temperature.
        count: pictures that it was fitted on.
    """

    temperature: float
    loss_before: float
    loss: float
    count: int


class Probability(Protocol):
    """Logarithm of the probability of each true number, N."""

    def __call__(
        self,
        task: Task,
        looks: Sequence[Tensor],
        labels: Tensor,
        temperature: float = 1.0,
    ) -> Tensor:
        """The arguments are those of ``log_probability``."""


def of_mixture(
    task: Task, looks: Sequence[Tensor], labels: Tensor, temperature: float = 1.0
) -> Tensor:
    """Of the mean over the looks of the probabilities of whole numbers."""
    each = [log_probability(task, [look], labels, temperature) for look in looks]
    return torch.stack(each).logsumexp(dim=0) - log(len(each))


def fit_temperature(
    task: Task,
    looks: Sequence[Tensor],
    labels: Tensor,
    probability: Probability = log_probability,
) -> Fitted:
    """The temperature at which the true numbers are the likeliest.

    Args:
        task: of the network.
        looks: as ``readings`` takes them.
        labels: N × digits; numbers longer than the network can say are left out.
        probability: of a number, by all looks together.
    """
    sayable = probability(task, looks, labels).isfinite()
    count = int(sayable.sum())
    if not count:
        return Fitted(1.0, 0.0, 0.0, 0)
    rows = sayable.to(looks[0].device)
    kept, true = [look[rows] for look in looks], labels.cpu()[sayable]

    def loss(logarithm: float) -> float:
        return -float(probability(task, kept, true, exp(logarithm)).mean())

    best = _lowest(loss, log(LEAST), log(MOST))
    return Fitted(exp(best), loss(0.0), loss(best), count)


def _lowest(value: Callable[[float], float], low: float, high: float) -> float:
    """Where a function with one valley is lowest (golden section)."""
    left, right = high - GOLDEN * (high - low), low + GOLDEN * (high - low)
    at_left, at_right = value(left), value(right)
    for _ in range(TURNS):
        if at_left <= at_right:
            high, right, at_right = right, left, at_left
            left = high - GOLDEN * (high - low)
            at_left = value(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + GOLDEN * (high - low)
            at_right = value(right)
    return (low + high) / 2
