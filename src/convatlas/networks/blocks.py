"""Small modules that several families share.

What is one line in a formula is one module here, so that hooks, layer tables, receptive
fields and pictures of a network see it.
"""

import torch
from torch import Tensor, nn


class Add(nn.Module):
    """The sum of maps of one shape (a residual connection)."""

    def forward(self, *maps: Tensor) -> Tensor:
        total = maps[0]
        for other in maps[1:]:
            total = total + other
        return total


class Concat(nn.Module):
    """Maps of one height and width, stacked along the channels."""

    def forward(self, *maps: Tensor) -> Tensor:
        return torch.cat(maps, dim=1)


class GlobalAveragePool(nn.Module):
    """The mean of each channel: N C H W to N C 1 1."""

    def forward(self, images: Tensor) -> Tensor:
        return images.mean(dim=(2, 3), keepdim=True)


class SubSampling(nn.Module):
    """LeCun et al. 1998, section II.B: sums of 2×2, a coefficient and a bias a channel.

    ``output = coefficient · (sum of the four inputs) + bias``; the squashing function
    that follows in the paper is a module of its own.

    Args:
        channels: of the map; two parameters each.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.average = nn.AvgPool2d(2)
        self.coefficient = nn.Parameter(torch.ones(channels, 1, 1))
        self.bias = nn.Parameter(torch.zeros(channels, 1, 1))

    def forward(self, images: Tensor) -> Tensor:
        sums: Tensor = 4 * self.average(images)
        return self.coefficient * sums + self.bias


class ScaledTanh(nn.Module):
    """``1.7159 · tanh(2/3 · x)``: LeCun et al. 1998, section II.B and appendix A."""

    operation = "scaled tanh"

    def forward(self, images: Tensor) -> Tensor:
        return 1.7159 * torch.tanh(images * (2 / 3))


class SelectChannels(nn.Module):
    """Copies channels in a given order; one may appear several times.

    Args:
        channels: the channel that each output channel copies.
    """

    order: Tensor

    def __init__(self, channels: list[int]) -> None:
        super().__init__()
        self.register_buffer("order", torch.tensor(channels), persistent=False)

    def forward(self, images: Tensor) -> Tensor:
        return images.index_select(1, self.order)
