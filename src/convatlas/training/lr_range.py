"""The learning-rate range test (Smith 2017, section 3.3, with exponential steps)."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite

import torch
from torch import nn

from convatlas.recipe import Recipe
from convatlas.training.examples import Augmentation, Examples
from convatlas.training.freezing import set_training
from convatlas.training.inference import Transform
from convatlas.training.speed.execution import Execution
from convatlas.training.state import TrainingState
from convatlas.training.step import train_step

SMOOTHING = 0.9  # of the loss, as an exponential moving average
EXPLODED = 4.0  # times the smallest smoothed loss
FEWEST = 5  # points that a slope can be read from


@dataclass(frozen=True)
class RangePoint:
    """A step: the rate it was made with, the smoothed loss before it."""

    lr: float
    loss: float


def lr_range_test(
    network: nn.Module,
    recipe: Recipe,
    train: Examples,
    transform: Transform,
    augmentation: Augmentation | None = None,
    *,
    lowest: float = 1e-5,
    highest: float = 10.0,
    steps: int = 200,
    seed: int = 0,
    execution: Execution | None = None,
) -> Iterator[RangePoint]:
    """Raises the rate from ``lowest`` to ``highest`` until the loss explodes.

    Works on a copy of the network with the recipe's optimizer and batches.

    Yields:
        A point a step, until ``steps`` or until the smoothed loss is four times its
        smallest value, or no number at all.
    """
    state = TrainingState.fresh(
        copy.deepcopy(network), recipe, seed, execution=execution
    )
    set_training(state.network)
    state.order.manual_seed(seed)
    size = min(recipe.batch_size * recipe.accumulate, len(train))
    average, smallest = 0.0, float("inf")
    for step in range(steps):
        lr = lowest * (highest / lowest) ** (step / max(steps - 1, 1))
        chosen = torch.randint(
            len(train), (size,), generator=state.order, device=state.order.device
        )
        state.sums.zero_()
        train_step(state, train, chosen, lr, transform, augmentation)
        loss = float(state.sums[0]) / size
        average = SMOOTHING * average + (1 - SMOOTHING) * loss
        smoothed = average / (1 - SMOOTHING ** (step + 1))
        if not isfinite(loss):
            return
        yield RangePoint(lr, smoothed)
        smallest = min(smallest, smoothed)
        if smoothed > EXPLODED * smallest:
            return


def suggested_lr(points: list[RangePoint]) -> float | None:
    """The rate where the smoothed loss falls steepest over the logarithm of the rate.

    None where it never falls: too few points, or a loss that only rose.
    """
    losses = torch.tensor([p.loss for p in points], dtype=torch.float64)
    falling = int(losses.argmin()) + 1 if points else 0
    if falling < FEWEST:
        return None
    rates = torch.tensor([p.lr for p in points[:falling]], dtype=torch.float64).log()
    (slopes,) = torch.gradient(losses[:falling], spacing=(rates,))
    return points[int(slopes.argmin())].lr
