"""Mean and standard deviation of pictures, exact and without a copy of them."""

import torch
from torch import Tensor

CHUNK = 4096  # pictures counted at a time


def channel_statistics(images: Tensor) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and standard deviation of each channel, of pixels scaled to 0 ... 1.

    Args:
        images: N C H W, uint8; N at least 1. May be memory-mapped.
    """
    channels = images.shape[1]
    counts = torch.zeros(channels, 256, dtype=torch.int64)
    for start in range(0, len(images), CHUNK):
        chunk = images[start : start + CHUNK]
        for channel in range(channels):
            values = chunk[:, channel].reshape(-1)
            counts[channel] += torch.bincount(values, minlength=256)
    shares = counts.to(torch.float64) / counts.sum(dim=1, keepdim=True)
    values = torch.arange(256, dtype=torch.float64) / 255
    means = shares @ values
    deviations = torch.sqrt((shares * (values - means[:, None]) ** 2).sum(dim=1))
    return _floats(means), _floats(deviations)


def _floats(values: Tensor) -> tuple[float, ...]:
    return tuple(round(float(value), 6) for value in values)
