"""LeNet-5 as published in 1998.

Source: LeCun, Bottou, Bengio & Haffner, "Gradient-Based Learning Applied to Document
Recognition", Proceedings of the IEEE 86(11), section II.B and figure 2; table I for the
connections of C3; appendix A for the squashing function and the initial weights.

Input 1×32×32 (digits of 20×20 in the middle; the background is -0.1, the foreground
1.175), ten classes, 60,000 trainable parameters.

lenet5, input 1×32×32
name           operation           output  parameters     MACs  field
features.c1    conv 1→6 k5        6×28×28         156  117,600      5
features.act1  scaled tanh        6×28×28           0        0      5
features.s2    SubSampling        6×14×14          12        0      6
features.act2  scaled tanh        6×14×14           0        0      6
features.c3    TableConvolution  16×10×10       1,516  150,000     14
features.act3  scaled tanh       16×10×10           0        0     14
features.s4    SubSampling         16×5×5          32        0     16
features.act4  scaled tanh         16×5×5           0        0     16
features.c5    conv 16→120 k5     120×1×1      48,120   48,000     32
features.act5  scaled tanh        120×1×1           0        0     32
head.flatten   flatten                120           0        0    all
head.f6        fc 120→84               84      10,164   10,080    all
head.act6      scaled tanh             84           0        0    all
head.output    rbf 84→10               10           0        0    all
total          -                       10      60,000  325,680      -

Departures from the paper:
* The output gives minus the distances that the paper's radial basis units give, so that
  the largest is the best, as everywhere in this atlas. Their softmax cross-entropy is
  the paper's equation 9 without the constant that stands for a rubbish class.
* The bitmaps of the ten digits are drawn after figure 3, not copied dot by dot. They
  are never trained; the paper keeps them fixed at first.
* The paper does not single out the factors of the sub-sampling when it speaks of the
  initial weights; here they are drawn like all others, their units having four inputs.
"""

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
        self.operation = f"rbf {codes.shape[1]}→{codes.shape[0]}"

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
    at random, which section II.B names as the alternative, the same at every call.
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
