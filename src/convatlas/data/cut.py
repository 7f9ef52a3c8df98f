"""Cutting a list of labelled pictures into parts that keep the class shares."""

import numpy as np
import torch
from torch import Tensor


def stratified_cut(labels: Tensor, held: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Holds some pictures out of a list, the same share of every class.

    The same labels, number and seed give the same cut for ever: NumPy froze the
    random stream that is used here.

    Args:
        labels: N, int64.
        held: how many pictures to hold out.
        seed: chooses among the cuts.

    Returns:
        The positions that stay and those held out, each ascending, int64.
    """
    values = labels.numpy()
    classes, counts = np.unique(values, return_counts=True)
    random = np.random.RandomState(seed)
    held_positions = []
    for label, take in zip(classes, _shares(counts, held), strict=True):
        positions = np.flatnonzero(values == label)
        held_positions.append(positions[random.permutation(len(positions))[:take]])
    mask = np.zeros(len(values), dtype=bool)
    mask[np.concatenate(held_positions)] = True
    return torch.from_numpy(np.flatnonzero(~mask)), torch.from_numpy(
        np.flatnonzero(mask)
    )


def _shares(counts: np.ndarray, total: int) -> list[int]:
    """Divides ``total`` among classes by their size: largest remainder first."""
    exact = counts * total / counts.sum()
    shares = np.floor(exact).astype(int)
    missing = total - int(shares.sum())
    for position in np.argsort(-(exact - shares), kind="stable")[:missing]:
        shares[position] += 1
    return [int(share) for share in shares]
