"""Update rules: from a gradient to the next weights.

With plain SGD an L2 penalty and a decay of the weights are the same. With Adam they
are not: a penalty is part of the gradient and is divided by its running size like the
rest, so weights with large gradients are hardly decayed. AdamW decays the weights
themselves, all alike.
"""

from dataclasses import dataclass

import numpy as np

from convatlas.anatomy.operators.convolution import Array
from convatlas.anatomy.operators.penalties import l2_gradient


@dataclass(frozen=True)
class SgdState:
    """What momentum remembers: a running sum of gradients, None before the first."""

    velocity: Array | None = None


@dataclass(frozen=True)
class Sgd:
    """Stochastic gradient descent.

    Attributes:
        lr: learning rate.
        momentum: share of the velocity that stays; 0: none.
        nesterov: look ahead: add the velocity to come.
        weight_decay: L2 penalty.
    """

    lr: float
    momentum: float = 0.0
    nesterov: bool = False
    weight_decay: float = 0.0

    def step(
        self, weights: Array, gradient: Array, state: SgdState
    ) -> tuple[Array, SgdState]:
        """The next weights, and what is remembered for the step after."""
        gradient = gradient + l2_gradient(weights, self.weight_decay)
        if self.momentum == 0:
            return weights - self.lr * gradient, state
        velocity = gradient
        if state.velocity is not None:
            velocity = self.momentum * state.velocity + gradient
        direction = velocity
        if self.nesterov:
            direction = gradient + self.momentum * velocity
        return weights - self.lr * direction, SgdState(velocity)


@dataclass(frozen=True)
class AdamState:
    """What Adam remembers.

    Attributes:
        steps: done so far.
        mean: running mean of the gradients.
        square: running mean of their squares.
    """

    steps: int = 0
    mean: Array | float = 0.0
    square: Array | float = 0.0


@dataclass(frozen=True)
class Adam:
    """Adam (Kingma & Ba 2014), and AdamW (Loshchilov & Hutter 2017) if decoupled.

    Attributes:
        lr: learning rate.
        beta1: share of the mean that stays.
        beta2: share of the mean square that stays.
        eps: keeps a weight without gradients from a division by zero.
        weight_decay: L2 penalty, or decay of the weights themselves if decoupled.
        decoupled: AdamW.
    """

    lr: float = 1e-3
    beta1: float = 0.9
    beta2: float = 0.999
    eps: float = 1e-8
    weight_decay: float = 0.0
    decoupled: bool = False

    def step(
        self, weights: Array, gradient: Array, state: AdamState
    ) -> tuple[Array, AdamState]:
        """The next weights, and what is remembered for the step after."""
        if self.decoupled:
            weights = weights * (1 - self.lr * self.weight_decay)
        else:
            gradient = gradient + l2_gradient(weights, self.weight_decay)
        t = state.steps + 1
        mean = self.beta1 * state.mean + (1 - self.beta1) * gradient
        square = self.beta2 * state.square + (1 - self.beta2) * gradient**2
        # both began at zero; early they are too small by a known factor
        fair_mean = mean / (1 - self.beta1**t)
        fair_square = square / (1 - self.beta2**t)
        step = self.lr * fair_mean / (np.sqrt(fair_square) + self.eps)
        return weights - step, AdamState(t, mean, square)
