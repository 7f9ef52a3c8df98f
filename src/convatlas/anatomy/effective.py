"""What a unit really sees: how strongly each pixel moves it, by gradients."""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import torch
from torch import Tensor, nn

from convatlas.anatomy.undisturbed import undisturbed

FAINTEST = 1 - 0.9545  # of the strongest pixel: two standard deviations of a Gaussian


@dataclass(frozen=True)
class Effect:
    """The effective receptive field of a unit (Luo et al. 2016, arXiv:1701.04128).

    Attributes:
        strength: H W, mean absolute gradient of the unit by each pixel; largest is 1.
        samples: random pictures it was averaged over.
    """

    strength: Tensor
    samples: int

    @property
    def size(self) -> float:
        """Side of a square of as many pixels as have more than 4.55 % of the peak."""
        return sqrt(int((self.strength > FAINTEST).sum()))


def effective_field(
    network: nn.Module,
    layer: str,
    unit: tuple[int, int],
    input: tuple[int, int, int],
    samples: int = 8,
    seed: int = 0,
) -> Effect:
    """Gradients of one unit of a layer's first output by the pixels of random pictures.

    The unit's channels are summed with random signs, so that none cancel out for a
    reason that lies in the weights alone.

    Args:
        network: with numbers.
        layer: dotted path of a module that gives a map.
        unit: (row, column) in that map.
        input: (channels, height, width).
        samples: random pictures, normally distributed.
        seed: of their randomness.
    """
    random = torch.Generator().manual_seed(seed)
    first = next(network.parameters(), None)
    dtype = torch.float32 if first is None else first.dtype
    device = torch.device("cpu") if first is None else first.device
    found: list[Tensor] = []

    def keep(module: nn.Module, args: Any, result: Any) -> None:
        if not found and isinstance(result, Tensor):
            found.append(result)

    total = torch.zeros(input[1:], dtype=torch.float64)
    with undisturbed(network, buffers=True):
        handle = network.get_submodule(layer).register_forward_hook(keep)
        try:
            for _ in range(samples):
                images = torch.randn(1, *input, generator=random)
                images = images.to(device, dtype).requires_grad_()
                found.clear()
                with torch.enable_grad():
                    network(images)
                    column = found[0][0, :, unit[0], unit[1]]
                    signs = torch.randint(0, 2, column.shape, generator=random) * 2 - 1
                    moved = (column * signs.to(column)).sum()
                    (gradient,) = torch.autograd.grad(moved, images)
                total += gradient[0].abs().sum(0).double().cpu()
        finally:
            handle.remove()
    peak = total.max()
    return Effect(total / peak if peak > 0 else total, samples)
