"""Normalisation: subtract a mean, divide by a standard deviation, scale and shift.

Batch norm takes both over a batch, for each channel; layer norm over one picture.
"""

from dataclasses import dataclass

import numpy as np

from convatlas.anatomy.operators.convolution import Array


@dataclass(frozen=True)
class BatchStatistics:
    """What batch norm remembers of the batches of the training.

    Attributes:
        mean: of each channel.
        variance: of each channel, unbiased (divided by the count less one).
    """

    mean: Array
    variance: Array


def batch_norm_train(
    images: Array,
    scale: Array,
    shift: Array,
    running: BatchStatistics,
    momentum: float = 0.1,
    eps: float = 1e-5,
) -> tuple[Array, BatchStatistics]:
    """Batch norm in training: with the statistics of this very batch.

    Args:
        images: N C H W.
        scale: C, learned (gamma).
        shift: C, learned (beta).
        running: remembered until now.
        momentum: share of this batch in what is remembered.
        eps: keeps a constant channel from a division by zero.

    Returns:
        the result, N C H W, and what is remembered from now on. The batch is divided by
        its biased variance, the unbiased one is remembered.
    """
    mean = images.mean(axis=(0, 2, 3))
    variance = images.var(axis=(0, 2, 3))
    count = images.size // images.shape[1]
    unbiased = variance * count / (count - 1)
    remembered = BatchStatistics(
        (1 - momentum) * running.mean + momentum * mean,
        (1 - momentum) * running.variance + momentum * unbiased,
    )
    return _normalised(images, mean, variance, scale, shift, eps), remembered


def batch_norm_eval(
    images: Array,
    scale: Array,
    shift: Array,
    running: BatchStatistics,
    eps: float = 1e-5,
) -> Array:
    """Batch norm after training: a fixed linear map of each channel.

    Pictures of a batch no longer matter to each other.
    """
    return _normalised(images, running.mean, running.variance, scale, shift, eps)


def _normalised(
    images: Array,
    mean: Array,
    variance: Array,
    scale: Array,
    shift: Array,
    eps: float,
) -> Array:
    result = np.zeros_like(images)
    for c in range(images.shape[1]):
        centred = images[:, c] - mean[c]
        result[:, c] = scale[c] * centred / np.sqrt(variance[c] + eps) + shift[c]
    return result


def layer_norm(values: Array, scale: Array, shift: Array, eps: float = 1e-5) -> Array:
    """Layer norm: each sample by its own mean and variance, in training and after.

    Args:
        values: N, then the dimensions of ``scale``.
        scale: learned, one per number of a sample.
        shift: learned, likewise.
        eps: see ``batch_norm_train``.
    """
    result = np.zeros_like(values)
    for i, sample in enumerate(values):
        centred = sample - sample.mean()
        result[i] = scale * centred / np.sqrt(sample.var() + eps) + shift
    return result
