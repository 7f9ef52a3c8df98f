"""The constant matrices of minimal filtering along one axis, for any sizes.

Toom and Cook multiply polynomials by their values at points; transposed, that filters.
"""

from fractions import Fraction
from functools import lru_cache
from math import prod
from typing import NamedTuple

import torch
from torch import Tensor

# Small numbers of few bits lose least; Barabasz et al. 2020 (ACM TOMS 46, 4) compare
# them. A window of n takes the first n - 1 of them, and infinity.
POINTS = tuple(Fraction(text) for text in ("0", "1", "-1", "1/2", "-2", "2", "-1/2"))

Rows = list[list[Fraction]]


class Matrices(NamedTuple):
    """y = outputs · [(kernels · g) ⊙ (windows · d)] filters a window d with taps g.

    Attributes:
        outputs: step × window.
        kernels: window × taps.
        windows: window × window.
    """

    outputs: Tensor
    kernels: Tensor
    windows: Tensor


@lru_cache
def matrices(step: int, taps: int) -> Matrices:
    """In float64, of windows with ``step + taps - 1`` places and ``step`` outputs.

    Raises:
        ValueError: there are not enough points.
    """
    count = step + taps - 2
    if count > len(POINTS):
        raise ValueError(f"step = {step}, taps = {taps}: more points are needed")
    points = POINTS[:count]
    others = [[q for q in points if q != p] for p in points]
    kernels = [
        [p**power / prod(p - q for q in rest) for power in range(taps)]
        for p, rest in zip(points, others, strict=True)
    ]
    windows = [[*_vanishing(rest), Fraction(0)] for rest in others]
    outputs = [
        [*(p**power for p in points), Fraction(int(power == step - 1))]
        for power in range(step)
    ]
    kernels.append([Fraction(int(power == taps - 1)) for power in range(taps)])
    windows.append(_vanishing(list(points)))
    return Matrices(*(_exact(rows) for rows in (outputs, kernels, windows)))


def _vanishing(roots: list[Fraction]) -> list[Fraction]:
    """Coefficients, the constant first, of the product of all x - root."""
    found = [Fraction(1)]
    for root in roots:
        higher, lower = [Fraction(0), *found], [*found, Fraction(0)]
        found = [a - root * b for a, b in zip(higher, lower, strict=True)]
    return found


def _exact(rows: Rows) -> Tensor:
    return torch.tensor([[float(v) for v in row] for row in rows], dtype=torch.float64)
