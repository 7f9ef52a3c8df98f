"""How maps are cut into windows for ``winograd``, and whether that pays."""

from dataclasses import dataclass
from functools import lru_cache
from itertools import product

import torch

STEPS = (2, 4)  # outputs of a window along an axis
# What moving a number of a window costs, in multiplications; fitted to measurements
# of convolutions of 64 to 512 channels (benchmarks/winograd.py).
MOVING = 84.0
MOVING_WEIGHTS = 42.0
LEAST_GAIN = 1.5  # in these terms; about 1.2 in time


@dataclass(frozen=True)
class Axis:
    """Rows or columns of a map, cut into windows.

    Attributes:
        size: of the map.
        kernel: taps.
        padding: zeros on either side.
        step: outputs of a window, and how far it is to the next one.
    """

    size: int
    kernel: int
    padding: int
    step: int

    @property
    def outputs(self) -> int:
        """Of the convolution."""
        return self.size + 2 * self.padding - self.kernel + 1

    @property
    def window(self) -> int:
        """Places of a window."""
        return self.step + self.kernel - 1

    @property
    def count(self) -> int:
        """Windows, the last one perhaps over the edge."""
        return -(-self.outputs // self.step)

    @property
    def made(self) -> int:
        """Outputs of all windows."""
        return self.count * self.step

    @property
    def margins(self) -> tuple[int, int]:
        """Zeros before and after the map."""
        return self.padding, self.padded - self.padding - self.size

    @property
    def padded(self) -> int:
        """Places that all windows cover together."""
        return self.made + self.kernel - 1


def may_pay(weight: torch.Size) -> bool:
    """Whether there is any number and size of maps for which a cut pays."""
    many_maps = 1 << 20
    side = 4 * max(STEPS)
    return cheapest_cut(many_maps, weight, (side, side), (1, 1)) is not None


@lru_cache
def cheapest_cut(
    count: int, weight: torch.Size, size: tuple[int, ...], margins: tuple[int, int]
) -> tuple[Axis, Axis] | None:
    """Rows and columns with the steps that cost least; None if none of them pays.

    Args:
        count: of pictures.
        weight: O C k k.
        size: height and width of the maps.
        margins: zeros around them, above and below, left and right.
    """
    many, channels, *kernel = weight
    sides = [s + 2 * p for s, p in zip(size, margins, strict=True)]
    if max(margins) >= kernel[0] or min(sides) < kernel[0]:
        return None
    down, across = (
        [Axis(s, kernel[0], p, step) for step in STEPS]
        for s, p in zip(size, margins, strict=True)
    )

    def cost(cut: tuple[Axis, Axis]) -> float:
        places = cut[0].window * cut[1].window
        windows = count * cut[0].count * cut[1].count
        each = many * channels + MOVING * (many + channels)
        return places * (windows * each + MOVING_WEIGHTS * many * channels)

    best = min(product(down, across), key=cost)
    outputs = count * down[0].outputs * across[0].outputs
    plain = outputs * kernel[0] * kernel[1] * many * channels
    return best if plain >= LEAST_GAIN * cost(best) else None
