"""Inception-ResNet-v2.

Source: Szegedy, Ioffe, Vanhoucke & Alemi, "Inception-v4, Inception-ResNet and the
Impact of Residual Connections on Learning", arXiv:1602.07261 (2016), figures 15 to 19,
section 3.3, in the form that its authors released, which timm follows.

Input 3×299×299, 1000 classes; any size from 75×75 on passes.

inception-resnet-v2, input 3×299×299
name                  operation         output  parameters            MACs  field
features.conv1a       -             32×149×149         928      19,181,664      3
features.conv2a       -             32×147×147       9,280     199,148,544      7
features.conv2b       -             64×147×147      18,560     398,297,088     11
features.pool3a       max 3/2         64×73×73           0               0     15
features.conv3b       -               80×73×73       5,280      27,284,480     15
features.conv4a       -              192×71×71     138,624     696,867,840     23
features.pool5a       max 3/2        192×35×35           0               0     31
features.mixed5b      -              320×35×35     268,320     327,398,400     63
features.residual_a   -              320×35×35   1,231,680   1,499,008,000    383
features.reduction_a  -             1088×17×17   2,664,960   1,398,185,984    415
features.residual_b   -             1088×17×17  22,535,680   6,498,754,560   2335
features.reduction_b  -               2080×8×8   3,880,960     585,424,896   2399
features.residual_c   -               2080×8×8  20,354,240   1,300,234,240   3039
features.conv7b       -               1536×8×8   3,197,952     204,472,320   3039
head.pool             global avg      1536×1×1           0               0    all
head.fc               fc 1536→1000        1000   1,537,000       1,536,000    all
total                 -                   1000  55,843,464  13,155,794,016      -

Departures from the paper (those of the released network):
* The stem is that of Inception-v3 and one inception block (mixed5b, 320 maps); figure
  15 has the branching stem of Inception-v4 (384 maps). The widths that follow, 1088 and
  2080, are printed as 1154 and 2048 in figures 17 and 19.
* 10, 20 and 10 residual blocks; figure 15 has 5, 10 and 5.
* Residuals are scaled by .17, .1 and .2; the paper says "between .1 and .3". The last
  one is not scaled, and no ReLU follows it.
* A 1×1 convolution to 1536 maps (conv7b) stands before the average.
* Residual convolutions to the full width have biases and no norm.
"""

from collections import OrderedDict

from torch import Tensor, nn

from convatlas.networks import sizes
from convatlas.networks.blocks import Add
from convatlas.networks.conv_units import ConvNormReLU
from convatlas.networks.heads import class_head
from convatlas.networks.inception_blocks import Branches, first_path, row
from convatlas.networks.network import Network
from convatlas.networks.published_init import truncated_fan_in
from convatlas.networks.registry import Variant, register


class Scale(nn.Module):
    """Multiplies by a constant (section 3.3).

    Args:
        factor: the constant.
    """

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, images: Tensor) -> Tensor:
        return images * self.factor

    def extra_repr(self) -> str:
        return f"{self.factor}"


class ResidualInception(nn.Module):
    """Branches, a 1×1 without activation, scaled down and added to the input.

    Args:
        branches: from ``channels`` maps to ``inner`` maps of the same size.
        inner: channels that the branches give together.
        channels: of the maps that arrive and leave.
        factor: of the residual (section 3.3: .1 to .3).
        active: whether ReLU follows the sum.
    """

    def __init__(
        self,
        branches: Branches,
        inner: int,
        channels: int,
        factor: float,
        active: bool = True,
    ) -> None:
        super().__init__()
        self.branches = branches
        self.expand = nn.Conv2d(inner, channels, 1)
        self.scale = Scale(factor)
        self.add = Add()
        self.relu = nn.ReLU() if active else nn.Identity()

    def forward(self, images: Tensor) -> Tensor:
        residual = self.scale(self.expand(self.branches(images)))
        total: Tensor = self.relu(self.add(images, residual))
        return total


class InceptionResNetV2(Network):
    """A stem, then 10, 20 and 10 residual inception blocks on three sizes."""

    def __init__(
        self, classes: int, in_channels: int, input_size: tuple[int, int]
    ) -> None:
        parts: OrderedDict[str, nn.Module] = stem(in_channels)
        parts["mixed5b"] = mixed5b()
        parts["residual_a"] = row(*(residual_a() for _ in range(10)))
        parts["reduction_a"] = reduction_a()
        parts["residual_b"] = row(*(residual_b() for _ in range(20)))
        parts["reduction_b"] = reduction_b()
        active = (residual_c(0.2, active=True) for _ in range(9))
        parts["residual_c"] = row(*active, residual_c(1.0, active=False))
        parts["conv7b"] = ConvNormReLU(2080, 1536, 1)
        features = nn.Sequential(parts)
        steps = [step for step in first_path(features) if ".residual_" not in step[0]]
        sizes.map_size(steps, input_size)
        # figure 15: dropout that keeps 80 %
        super().__init__(features, class_head(1536, classes, dropout=0.2))
        truncated_fan_in(self)  # as in the network that Google released


def stem(in_channels: int) -> "OrderedDict[str, nn.Module]":
    """299×299 images to 192 maps of 35×35."""
    return OrderedDict(
        conv1a=ConvNormReLU(in_channels, 32, 3, 2),
        conv2a=ConvNormReLU(32, 32, 3),
        conv2b=ConvNormReLU(32, 64, 3, 1, 1),
        pool3a=nn.MaxPool2d(3, 2),
        conv3b=ConvNormReLU(64, 80, 1),
        conv4a=ConvNormReLU(80, 192, 3),
        pool5a=nn.MaxPool2d(3, 2),
    )


def mixed5b() -> Branches:
    """An inception block without residual: 192 to 320 maps."""
    return Branches(
        {
            "branch1x1": ConvNormReLU(192, 96, 1),
            "branch5x5": row(ConvNormReLU(192, 48, 1), ConvNormReLU(48, 64, 5, 1, 2)),
            "branch3x3dbl": row(
                ConvNormReLU(192, 64, 1),
                ConvNormReLU(64, 96, 3, 1, 1),
                ConvNormReLU(96, 96, 3, 1, 1),
            ),
            "branch_pool": row(
                nn.AvgPool2d(3, 1, 1, count_include_pad=False),
                ConvNormReLU(192, 64, 1),
            ),
        }
    )


def residual_a() -> ResidualInception:
    """Figure 16: 320 maps of 35×35."""
    branches = Branches(
        {
            "branch1x1": ConvNormReLU(320, 32, 1),
            "branch3x3": row(ConvNormReLU(320, 32, 1), ConvNormReLU(32, 32, 3, 1, 1)),
            "branch3x3dbl": row(
                ConvNormReLU(320, 32, 1),
                ConvNormReLU(32, 48, 3, 1, 1),
                ConvNormReLU(48, 64, 3, 1, 1),
            ),
        }
    )
    return ResidualInception(branches, 128, 320, 0.17)


def reduction_a() -> Branches:
    """Figure 7 with k, l, m, n = 256, 256, 384, 384 (table 1): 35 to 17."""
    return Branches(
        {
            "branch3x3": ConvNormReLU(320, 384, 3, 2),
            "branch3x3dbl": row(
                ConvNormReLU(320, 256, 1),
                ConvNormReLU(256, 256, 3, 1, 1),
                ConvNormReLU(256, 384, 3, 2),
            ),
            "pool": nn.MaxPool2d(3, 2),
        }
    )


def residual_b() -> ResidualInception:
    """Figure 17: 1088 maps of 17×17."""
    branches = Branches(
        {
            "branch1x1": ConvNormReLU(1088, 192, 1),
            "branch7x7": row(
                ConvNormReLU(1088, 128, 1),
                ConvNormReLU(128, 160, (1, 7), 1, (0, 3)),
                ConvNormReLU(160, 192, (7, 1), 1, (3, 0)),
            ),
        }
    )
    return ResidualInception(branches, 384, 1088, 0.1)


def reduction_b() -> Branches:
    """Figure 18: 17 to 8."""
    return Branches(
        {
            "branch3x3": row(ConvNormReLU(1088, 256, 1), ConvNormReLU(256, 384, 3, 2)),
            "branch3x3b": row(ConvNormReLU(1088, 256, 1), ConvNormReLU(256, 288, 3, 2)),
            "branch3x3dbl": row(
                ConvNormReLU(1088, 256, 1),
                ConvNormReLU(256, 288, 3, 1, 1),
                ConvNormReLU(288, 320, 3, 2),
            ),
            "pool": nn.MaxPool2d(3, 2),
        }
    )


def residual_c(factor: float, active: bool) -> ResidualInception:
    """Figure 19: 2080 maps of 8×8."""
    branches = Branches(
        {
            "branch1x1": ConvNormReLU(2080, 192, 1),
            "branch3x3": row(
                ConvNormReLU(2080, 192, 1),
                ConvNormReLU(192, 224, (1, 3), 1, (0, 1)),
                ConvNormReLU(224, 256, (3, 1), 1, (1, 0)),
            ),
        }
    )
    return ResidualInception(branches, 448, 2080, factor, active)


def inception_resnet_v2(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> InceptionResNetV2:
    """Figure 15 in the form that its authors released."""
    return InceptionResNetV2(classes, in_channels, input_size)


register(
    Variant(
        name="inception-resnet-v2",
        family="inception_resnet",
        title="Inception-v4, Inception-ResNet and the Impact of Residual Connections "
        "on Learning",
        year=2016,
        reference="Szegedy et al., arXiv:1602.07261, figure 15, as released",
        input=(3, 299, 299),
        classes=1000,
        sizes="at least 75×75",
        build=inception_resnet_v2,
    )
)
