"""Penalties on weights: L1 is a sum of absolute values, L2 half a sum of squares.

Neither is a mean. L1 pulls every weight to zero with the same force, so that some
arrive there; L2 pulls in proportion to the weight, so that none quite does.
"""

import numpy as np

from convatlas.anatomy.operators.convolution import Array


def l1_penalty(weights: Array, strength: float) -> float:
    """strength · Σ |w|."""
    return float(strength * np.abs(weights).sum())


def l1_gradient(weights: Array, strength: float) -> Array:
    """strength · sign(w), 0 at 0."""
    return strength * np.sign(weights)


def l2_penalty(weights: Array, strength: float) -> float:
    """strength / 2 · Σ w²; the half makes the gradient strength · w."""
    return float(strength / 2 * (weights**2).sum())


def l2_gradient(weights: Array, strength: float) -> Array:
    """strength · w: what ``weight_decay`` adds to a gradient."""
    return strength * weights
