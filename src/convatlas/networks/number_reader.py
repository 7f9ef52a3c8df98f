"""Our own pair for house numbers: one network finds the number, one reads it.

``street-finder`` gets the whole picture and answers with maps that say where the number
is (``number_box.boxes_of``); ``street-reader`` gets the cut-out number and looks at it
once for each digit. Both are small residual trunks that keep their maps wide, since the
place of a digit is what counts.

Source: convatlas; the residual block is that of He et al. 2015 (arXiv:1512.03385,
figure 5, left), the pyramid that of Lin et al. 2016 (arXiv:1612.03144), the attention
that of Wojna et al. 2017 (arXiv:1704.03549) without its recurrence.

street-finder, input 3×96×192
name                  operation         output  parameters         MACs  field
features.stem         ConvNormReLU    32×48×96         928    3,981,312      3
features.stage1       -               32×24×48      38,208   43,646,976     31
features.stage2       -               64×12×24     131,712   37,748,736     87
features.stage3       -               128×6×12     525,568   37,748,736    199
features.context      -                128×1×1      16,512       16,384    all
features.add_context  add             128×6×12           0            0    all
features.place        Place           68×12×24           0            0     87
features.lateral      conv 68→64 k1   64×12×24       4,352    1,253,376     87
features.down         conv 128→64 k1   64×6×12       8,192      589,824    all
features.enlarge      Enlarge         64×12×24           0            0    all
features.add          add             64×12×24           0            0    all
features.norm         bn              64×12×24         128            0    all
features.mix          ConvNormReLU    64×12×24      36,992   10,616,832    all
head.maps             conv 64→16 k1   16×12×24       1,040      294,912    all
total                 -               16×12×24     763,632  135,897,088      -

street-reader, input 3×40×96
name             operation         output  parameters         MACs    field
features.stem    ConvNormReLU    32×40×96         928    3,317,760        3
features.block1  BasicBlock      64×20×48      57,728   55,050,240        9
features.block2  BasicBlock     128×10×24     230,144   55,050,240       21
features.block3  BasicBlock      256×5×12     919,040   55,050,240       45
features.flat1   BasicBlock      256×3×12   1,246,720   44,826,624    93×77
features.flat2   BasicBlock      256×3×12   1,180,672   42,467,328  157×109
head.scores      conv 256→6 k1     6×3×12       1,542       55,296  157×109
head.attend      Attend             6×256           0       55,296      all
head.fc          fc 256→11           6×11       2,827       16,896      all
total            -                   6×11   3,639,601  255,889,920        -

Departures from the sources: the pyramid has one step and its finest map alone is used;
the scores of the attention come from the map, not from the digits read before.
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn
from torch.nn.functional import interpolate

from convatlas.errors import InputSizeError
from convatlas.networks.blocks import Add, GlobalAveragePool
from convatlas.networks.conv_units import ConvNormReLU
from convatlas.networks.heads import map_shape
from convatlas.networks.init import initialise
from convatlas.networks.network import Network
from convatlas.networks.number_heads import AttentionHead
from convatlas.networks.registry import Variant, register
from convatlas.networks.resnet_blocks import BasicBlock, basic
from convatlas.number_box import MAPS, positions

READER_WIDTHS = (32, 64, 128, 256)
FINDER_WIDTHS = (32, 32, 64, 128)
PYRAMID = 64  # channels of the map that the finder answers from
PLACES = 4  # channels of ``Place``
STRIDE = 16  # of the finder's coarsest map; the input must be a multiple


class StreetReader(Network):
    """Residual blocks that halve three times, then in height alone; attention."""

    def __init__(
        self, classes: int, in_channels: int, input_size: tuple[int, int], digits: int
    ) -> None:
        first, *widths = READER_WIDTHS
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        layers["stem"] = ConvNormReLU(in_channels, first, 3, padding=1)
        before = first
        for number, width in enumerate(widths, start=1):
            layers[f"block{number}"] = basic(before, width, 2)
            before = width
        layers["flat1"] = flattening(before)
        layers["flat2"] = basic(before, before, 1)
        layers["dropout"] = nn.Dropout2d(0.1)
        features = nn.Sequential(layers)
        channels, height, width = map_shape(features, (in_channels, *input_size))
        head = AttentionHead((channels, height, width), digits, classes)
        super().__init__(features, head)
        initialise(self, "kaiming")


def flattening(channels: int) -> BasicBlock:
    """A basic block that halves the height and keeps the columns."""
    stride = (2, 1)
    shortcut = OrderedDict(
        conv=nn.Conv2d(channels, channels, 1, stride, bias=False),
        norm=nn.BatchNorm2d(channels),
    )
    block = BasicBlock(channels, channels, 1, nn.Sequential(shortcut))
    block.conv1 = nn.Conv2d(channels, channels, 3, stride, 1, bias=False)
    return block


class FinderTrunk(nn.Module):
    """Four strides down, the coarsest map with what the whole picture says, one up."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        first, second, third, fourth = FINDER_WIDTHS
        self.stem = ConvNormReLU(in_channels, first, 3, stride=2, padding=1)
        self.stage1 = nn.Sequential(basic(first, second, 2), basic(second, second, 1))
        self.stage2 = nn.Sequential(basic(second, third, 2), basic(third, third, 1))
        self.stage3 = nn.Sequential(basic(third, fourth, 2), basic(fourth, fourth, 1))
        self.context = nn.Sequential(
            OrderedDict(
                pool=GlobalAveragePool(),
                conv=nn.Conv2d(fourth, fourth, 1),
                relu=nn.ReLU(),
            )
        )
        self.add_context = Add()
        self.place = Place()
        self.lateral = nn.Conv2d(third + PLACES, PYRAMID, 1, bias=False)
        self.down = nn.Conv2d(fourth, PYRAMID, 1, bias=False)
        self.enlarge = Enlarge()
        self.add = Add()
        self.norm = nn.BatchNorm2d(PYRAMID)
        self.relu = nn.ReLU()
        self.mix = ConvNormReLU(PYRAMID, PYRAMID, 3, padding=1)

    def forward(self, images: Tensor) -> Tensor:
        fine = self.stage2(self.stage1(self.stem(images)))
        coarse = self.stage3(fine)
        coarse = self.add_context(coarse, self.context(coarse))
        fine = self.lateral(self.place(fine))
        both = self.add(fine, self.enlarge(self.down(coarse)))
        mixed: Tensor = self.mix(self.relu(self.norm(both)))
        return mixed


class Enlarge(nn.Module):
    """Every value twice in both directions: N C H W to N C 2H 2W."""

    def forward(self, images: Tensor) -> Tensor:
        return interpolate(images, scale_factor=2.0)


class Place(nn.Module):
    """A map with where each of its positions is: N C H W to N (C + 4) H W.

    The four are x, y, x² and y².
    Coordinates run from -1 to 1 (Liu et al. 2018, arXiv:1807.03247). A number is mostly
    in the middle of its photo, and with squares one layer can say how far from it.
    """

    def forward(self, images: Tensor) -> Tensor:
        x, y = (2 * side.expand(images.shape[-2:]) - 1 for side in positions(images))
        places = torch.stack([x, y, x * x, y * y]).to(images.dtype)
        return torch.cat([images, places.expand(images.shape[0], -1, -1, -1)], dim=1)


class StreetFinder(Network):
    """Maps at an eighth of the input: where digits are, how far the edges."""

    def __init__(self, in_channels: int, input_size: tuple[int, int]) -> None:
        if any(side % STRIDE or side == 0 for side in input_size):
            given = "×".join(str(side) for side in input_size)
            raise InputSizeError(
                f"input {given}: both sides must be multiples of {STRIDE}, at least "
                f"{STRIDE}×{STRIDE}"
            )
        maps = nn.Conv2d(PYRAMID, MAPS, 1)
        super().__init__(
            FinderTrunk(in_channels), nn.Sequential(OrderedDict(maps=maps))
        )
        initialise(self, "kaiming")
        nn.init.normal_(maps.weight, std=0.01)


def street_reader(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """Reads a number that was cut out, of at most six digits."""
    return StreetReader(classes, in_channels, input_size, digits=6)


def street_finder(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """Finds the number in a whole picture; ``classes`` is the number of its maps."""
    return StreetFinder(in_channels, input_size)


register(
    Variant(
        name="street-finder",
        family="number_reader",
        title="convatlas, where is the house number?",
        year=2026,
        reference="convatlas, networks/number_reader.py",
        input=(3, 96, 192),
        classes=MAPS,
        sizes="at least 16×16, multiples of 16",
        build=street_finder,
        answers="box",
    )
)
register(
    Variant(
        name="street-reader",
        family="number_reader",
        title="convatlas, what is the house number?",
        year=2026,
        reference="convatlas, networks/number_reader.py",
        input=(3, 40, 96),
        classes=11,
        sizes="any",
        build=street_reader,
        answers="attention",
    )
)
