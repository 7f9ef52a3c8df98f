"""Dropout: numbers are zeroed at random in training, and the others grow for them."""

import numpy as np

from convatlas.anatomy.operators.convolution import Array


def dropout_mask(
    shape: tuple[int, ...], p: float, random: np.random.Generator
) -> Array:
    """0 with probability ``p``, else ``1 / (1 − p)``: 1 on average.

    Args:
        shape: of the numbers to drop from.
        p: probability of a zero; 1 drops all.
        random: where the randomness comes from.
    """
    if p == 1:
        return np.zeros(shape)
    return (random.random(shape) >= p) / (1 - p)


def dropout(
    values: Array, p: float, random: np.random.Generator, training: bool = True
) -> Array:
    """Some numbers zeroed, the rest scaled so that the expectation stays.

    After training nothing is done, and nothing has to be made up for.
    """
    if not training or p == 0:
        return values
    return values * dropout_mask(values.shape, p, random)
