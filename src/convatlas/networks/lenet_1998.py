"""LeNet-5 as published in 1998."""

import random
from collections import OrderedDict

import torch
from torch import Tensor, nn

from convatlas.networks import sizes
from convatlas.networks.blocks import (
    Concat,
    ScaledTanh,
    SelectChannels,
    SubSampling,
)
from convatlas.networks.network import Network
from convatlas.networks.registry import Variant, register

# table I: the maps of S2 that each map of C3 sees, by how many they are
THREE = ((0, 1, 2), (1, 2, 3), (2, 3, 4), (3, 4, 5), (4, 5, 0), (5, 0, 1))
FOUR = (
    *((0, 1, 2, 3), (1, 2, 3, 4), (2, 3, 4, 5), (3, 4, 5, 0), (4, 5, 0, 1)),
    *((5, 0, 1, 2), (0, 1, 3, 4), (1, 2, 4, 5), (0, 2, 3, 5)),
)

# after figure 3: stylised digits, 7 wide and 12 high
BITMAPS = """
.......  .......  .......  .......  .......  .......  .......  .......  .......  .......
..###..  ...#...  .#####.  #######  ....##.  #######  ..####.  #######  .#####.  .#####.
.#...#.  ..##...  #.....#  .....#.  ...#.#.  #......  .#.....  ......#  #.....#  #.....#
#.....#  .#.#...  ......#  ....#..  ..#..#.  #......  #......  .....#.  #.....#  #.....#
#.....#  ...#...  .....#.  ...#...  .#...#.  #.####.  #......  .....#.  #.....#  #.....#
#.....#  ...#...  ....#..  ..####.  #....#.  ##....#  #.####.  ....#..  .#####.  .######
#.....#  ...#...  ...#...  ......#  #######  ......#  ##....#  ....#..  #.....#  ......#
#.....#  ...#...  ..#....  ......#  .....#.  ......#  #.....#  ...#...  #.....#  ......#
#.....#  ...#...  .#.....  ......#  .....#.  ......#  #.....#  ...#...  #.....#  ......#
.#...#.  ...#...  #......  #.....#  .....#.  #.....#  #.....#  ..#....  #.....#  .....#.
..###..  .#####.  #######  .#####.  .....#.  .#####.  .#####.  ..#....  .#####.  .####..
.......  .......  .......  .......  .......  .......  .......  .......  .......  .......
"""


class TableConvolution(nn.Module):
    """C3: sixteen maps, each of which sees three, four or all six of the maps of S2."""

    def __init__(self) -> None:
        super().__init__()
        self.select3 = SelectChannels([source for maps in THREE for source in maps])
        self.conv3 = nn.Conv2d(18, 6, 5, groups=6)
        self.select4 = SelectChannels([source for maps in FOUR for source in maps])
        self.conv4 = nn.Conv2d(36, 9, 5, groups=9)
        self.conv6 = nn.Conv2d(6, 1, 5)
        self.concat = Concat()

    def forward(self, images: Tensor) -> Tensor:
        maps: Tensor = self.concat(
            self.conv3(self.select3(images)),
            self.conv4(self.select4(images)),
            self.conv6(images),
        )
        return maps


class RadialBasis(nn.Module):
    """The output: minus the squared distance to the code of each class.

    Args:
        codes: classes × 84, of -1 and 1, never trained.
    """

    codes: Tensor

    def __init__(self, codes: Tensor) -> None:
        super().__init__()
        self.register_buffer("codes", codes)

    def forward(self, vector: Tensor) -> Tensor:
        distances = (vector.unsqueeze(1) - self.codes).square().sum(dim=2)
        return -distances


class LeNet5(Network):
    """LeCun et al. 1998, figure 2."""

    def __init__(
        self, classes: int, in_channels: int, input_size: tuple[int, int]
    ) -> None:
        sizes.require_size(input_size, [(32, 32)], "features.c1")
        features = nn.Sequential(
            OrderedDict(
                c1=nn.Conv2d(in_channels, 6, 5),
                act1=ScaledTanh(),
                s2=SubSampling(6),
                act2=ScaledTanh(),
                c3=TableConvolution(),
                act3=ScaledTanh(),
                s4=SubSampling(16),
                act4=ScaledTanh(),
                c5=nn.Conv2d(16, 120, 5),
                act5=ScaledTanh(),
            )
        )
        head = nn.Sequential(
            OrderedDict(
                flatten=nn.Flatten(),
                f6=nn.Linear(120, 84),
                act6=ScaledTanh(),
                output=RadialBasis(codes(classes)),
            )
        )
        super().__init__(features, head)
        self._initialise()

    def _initialise(self) -> None:
        """Appendix A: uniform within 2.4 / (inputs of the unit)."""
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                limit = 2.4 / module.weight[0].numel()
                nn.init.uniform_(module.weight, -limit, limit)
                if module.bias is not None:
                    nn.init.uniform_(module.bias, -limit, limit)
            elif isinstance(module, SubSampling):
                nn.init.uniform_(module.coefficient, -2.4 / 4, 2.4 / 4)
                nn.init.uniform_(module.bias, -2.4 / 4, 2.4 / 4)


def codes(classes: int) -> Tensor:
    """The code of each class, classes × 84, of -1 and 1.

    Ten classes get the bitmaps of the digits; other numbers of classes get codes drawn
    at random, which section II.C names as the alternative, the same at every call.
    """
    if classes == 10:
        rows = [line.split() for line in BITMAPS.split("\n") if line]
        digits = ["".join(lines) for lines in zip(*rows, strict=True)]
        signs = [[1.0 if dot == "#" else -1.0 for dot in digit] for digit in digits]
    else:
        draw = random.Random(1998)
        signs = [[draw.choice((-1.0, 1.0)) for _ in range(84)] for _ in range(classes)]
    return torch.tensor(signs)


def lenet5(*, classes: int, in_channels: int, input_size: tuple[int, int]) -> Network:
    """LeCun, Bottou, Bengio & Haffner 1998."""
    return LeNet5(classes, in_channels, input_size)


register(
    Variant(
        name="lenet5",
        family="lenet",
        title="Gradient-Based Learning Applied to Document Recognition",
        year=1998,
        reference="LeCun, Bottou, Bengio & Haffner, Proceedings of the IEEE 86(11), "
        "section II.B, figure 2, table I",
        input=(1, 32, 32),
        classes=10,
        sizes="32×32 only",
        build=lenet5,
    )
)
