"""Inception with batch norm: Ioffe & Szegedy 2015, arXiv:1502.03167, figure 5."""

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
