"""Inception with batch normalisation, later called Inception v2.

Source: Ioffe & Szegedy, "Batch Normalization: Accelerating Deep Network Training by
Reducing Internal Covariate Shift", arXiv:1502.03167 (2015), figure 5.

Input 3×224×224, 1000 classes; any size passes.

googlenet-bn, input 3×224×224
name                  operation         output  parameters           MACs  field
features.conv1        -             64×112×112       2,840     34,019,328      7
features.pool1        max 3/2 p1      64×56×56           0              0     11
features.reduce2      -               64×56×56       4,224     12,845,056     11
features.conv2        -              192×56×56     110,976    346,816,512     19
features.pool2        max 3/2 p1     192×28×28           0              0     27
features.inception3a  -              256×28×28     219,072    170,999,808     59
features.inception3b  -              320×28×28     260,160    203,112,448     91
features.inception3c  -              576×14×14     385,088    143,904,768    123
features.inception4a  -              576×14×14     609,984    119,218,176    187
features.inception4b  -              576×14×14     665,344    130,056,192    251
features.inception4c  -              576×14×14     895,936    175,214,592    315
features.inception4d  -              576×14×14   1,108,032    216,760,320    379
features.inception4e  -               1024×7×7   1,439,744    162,570,240    443
features.inception5a  -               1024×7×7   2,182,272    106,774,528    571
features.inception5b  -               1024×7×7   2,279,616    111,541,248    699
head.pool             global avg      1024×1×1           0              0    all
head.fc               fc 1024→1000        1000   1,025,000      1,024,000    all
total                 -                   1000  11,188,288  1,934,857,216      -

Departures from the paper:
* Figure 5 prints a projection to 128 for the pooling of inception4c and 4d, with which
  their outputs (576 by the same figure) would be 608; the projection is 96, as in the
  network that Google released.
* 3c and 4e halve the size, and their output is 14×14 and 7×7.
* Padding is the same on all sides; Google's framework pads even sizes on one side only.
  Averages leave out the padding.
* The first layer is depthwise separable with depth multiplier 8 (footnote of figure 5).
* Initial weights and the epsilon of the norms (.001) are those of Google's release; the
  paper gives none.
"""

from collections import OrderedDict
from typing import NamedTuple

from torch import nn

from convatlas.networks import sizes
from convatlas.networks.conv_units import ConvNormReLU
from convatlas.networks.heads import class_head
from convatlas.networks.inception_blocks import Branches, first_path, row
from convatlas.networks.network import Network
from convatlas.networks.published_init import truncated, truncated_fan_in
from convatlas.networks.registry import Variant, register

DEPTH_MULTIPLIER = 8  # figure 5, footnote: the first layer is depthwise separable


class Widths(NamedTuple):
    """Channels of one block that keeps the size, in the order of figure 5."""

    conv1x1: int
    reduce3x3: int
    conv3x3: int
    reduce_double: int
    double3x3: int
    project: int
    pool: str = "avg"

    @property
    def total(self) -> int:
        """Channels that leave the block."""
        return self.conv1x1 + self.conv3x3 + self.double3x3 + self.project


class Halving(NamedTuple):
    """Channels of one block with stride 2, in the order of figure 5."""

    reduce3x3: int
    conv3x3: int
    reduce_double: int
    double3x3: int


INCEPTIONS: dict[str, Widths | Halving] = {
    "3a": Widths(64, 64, 64, 64, 96, 32),
    "3b": Widths(64, 64, 96, 64, 96, 64),
    "3c": Halving(128, 160, 64, 96),
    "4a": Widths(224, 64, 96, 96, 128, 128),
    "4b": Widths(192, 96, 128, 96, 128, 128),
    "4c": Widths(160, 128, 160, 128, 160, 96),
    "4d": Widths(96, 128, 192, 160, 192, 96),
    "4e": Halving(128, 192, 192, 256),
    "5a": Widths(352, 192, 320, 160, 224, 128),
    "5b": Widths(352, 192, 320, 192, 224, 128, "max"),
}


class NormGoogLeNet(Network):
    """Ten inception blocks with batch norm; two of them halve the map."""

    def __init__(
        self, classes: int, in_channels: int, input_size: tuple[int, int]
    ) -> None:
        parts: OrderedDict[str, nn.Module] = OrderedDict(
            conv1=separable(in_channels),
            pool1=nn.MaxPool2d(3, 2, 1),
            reduce2=ConvNormReLU(64, 64, 1),
            conv2=ConvNormReLU(64, 192, 3, 1, 1),
            pool2=nn.MaxPool2d(3, 2, 1),
        )
        channels = 192
        for name, widths in INCEPTIONS.items():
            if isinstance(widths, Widths):
                parts[f"inception{name}"] = inception(channels, widths)
                channels = widths.total
            else:
                parts[f"inception{name}"] = halving(channels, widths)
                channels += widths.conv3x3 + widths.double3x3
        features = nn.Sequential(parts)
        sizes.map_size(first_path(features), input_size)
        super().__init__(features, class_head(channels, classes))
        initialise(self)


def separable(in_channels: int) -> nn.Sequential:
    """Figure 5, first row: 7×7 on each channel alone, then 1×1 across them."""
    inner = DEPTH_MULTIPLIER * in_channels
    return nn.Sequential(
        OrderedDict(
            depthwise=nn.Conv2d(
                in_channels, inner, 7, 2, 3, groups=in_channels, bias=False
            ),
            pointwise=nn.Conv2d(inner, 64, 1, bias=False),
            norm=nn.BatchNorm2d(64, eps=1e-3),
            relu=nn.ReLU(),
        )
    )


def inception(in_channels: int, widths: Widths) -> Branches:
    """A block that keeps the size: two 3×3 in the place of the 5×5."""
    pool = (
        nn.MaxPool2d(3, 1, 1)
        if widths.pool == "max"
        else nn.AvgPool2d(3, 1, 1, count_include_pad=False)
    )
    return Branches(
        {
            "branch1x1": ConvNormReLU(in_channels, widths.conv1x1, 1),
            "branch3x3": row(
                ConvNormReLU(in_channels, widths.reduce3x3, 1),
                ConvNormReLU(widths.reduce3x3, widths.conv3x3, 3, 1, 1),
            ),
            "branch_double": row(
                ConvNormReLU(in_channels, widths.reduce_double, 1),
                ConvNormReLU(widths.reduce_double, widths.double3x3, 3, 1, 1),
                ConvNormReLU(widths.double3x3, widths.double3x3, 3, 1, 1),
            ),
            "branch_pool": row(pool, ConvNormReLU(in_channels, widths.project, 1)),
        }
    )


def halving(in_channels: int, widths: Halving) -> Branches:
    """A block with stride 2: no 1×1, and the pooling passes its channels through."""
    return Branches(
        {
            "branch3x3": row(
                ConvNormReLU(in_channels, widths.reduce3x3, 1),
                ConvNormReLU(widths.reduce3x3, widths.conv3x3, 3, 2, 1),
            ),
            "branch_double": row(
                ConvNormReLU(in_channels, widths.reduce_double, 1),
                ConvNormReLU(widths.reduce_double, widths.double3x3, 3, 1, 1),
                ConvNormReLU(widths.double3x3, widths.double3x3, 3, 2, 1),
            ),
            "pool": nn.MaxPool2d(3, 2, 1),
        }
    )


def initialise(network: nn.Module) -> None:
    """As in the network that Google released; the paper does not say."""
    truncated_fan_in(network)
    for name, module in network.named_modules():
        if not isinstance(module, nn.Conv2d):
            continue
        if name.endswith(("depthwise", "pointwise")):
            truncated(module, 1.0)
        elif name.endswith(("reduce2.conv", "branch_pool.unit2.conv")):
            truncated(module, 0.1)
        elif name.endswith("unit1.conv"):
            truncated(module, 0.09)


def googlenet_bn(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> NormGoogLeNet:
    """Figure 5 ("Inception v2" in later papers)."""
    return NormGoogLeNet(classes, in_channels, input_size)


register(
    Variant(
        name="googlenet-bn",
        family="googlenet",
        title="Batch Normalization: Accelerating Deep Network Training by Reducing "
        "Internal Covariate Shift",
        year=2015,
        reference="Ioffe & Szegedy, arXiv:1502.03167, figure 5",
        input=(3, 224, 224),
        classes=1000,
        sizes="any",
        build=googlenet_bn,
    )
)
