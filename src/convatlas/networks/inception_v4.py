"""Inception-v4.

Source: Szegedy, Ioffe, Vanhoucke & Alemi, "Inception-v4, Inception-ResNet and the
Impact of Residual Connections on Learning", arXiv:1602.07261 (2016), figures 3 to 9 and
table 1.

Input 3×299×299, 1000 classes; any size from 75×75 on passes.

inception-v4, input 3×299×299
name                  operation         output  parameters            MACs  field
features.conv1        -             32×149×149         928      19,181,664      3
features.conv2        -             32×147×147       9,280     199,148,544      7
features.conv3        -             64×147×147      18,560     398,297,088     11
features.mixed3       -              160×73×73      55,488     294,672,384     15
features.mixed4       -              192×71×71     189,312     972,218,368     47
features.mixed5       -              384×35×35     332,160     406,425,600     55
features.inception_a  -              384×35×35   1,270,528   1,550,438,400    183
features.reduction_a  -             1024×17×17   2,306,112   1,097,164,800    215
features.inception_b  -             1024×17×17  20,553,792   5,930,853,376   1559
features.reduction_b  -               1536×8×8   2,747,392     511,098,880   1687
features.inception_c  -               1536×8×8  13,659,264     872,939,520   2071
head.pool             global avg      1536×1×1           0               0    all
head.fc               fc 1536→1000        1000   1,537,000       1,536,000    all
total                 -                   1000  42,679,816  12,253,974,624      -

Departures from the paper:
* none in the layers, which are those of the network that Google released and of timm.
* Initial weights and the epsilon of the norms (.001) are those of the release.
"""

from collections import OrderedDict

from torch import nn

from convatlas.networks import sizes
from convatlas.networks.conv_units import ConvNormReLU
from convatlas.networks.heads import class_head
from convatlas.networks.inception_blocks import Branches, first_path, fork, row
from convatlas.networks.network import Network
from convatlas.networks.published_init import truncated_fan_in
from convatlas.networks.registry import Variant, register

VERTICAL, HORIZONTAL = (7, 1), (1, 7)  # kernels of the factorised 7×7
DOWN, ALONG = (3, 0), (0, 3)  # their paddings


class InceptionV4(Network):
    """A branching stem, then 4, 7 and 3 inception blocks on three sizes."""

    def __init__(
        self, classes: int, in_channels: int, input_size: tuple[int, int]
    ) -> None:
        parts: OrderedDict[str, nn.Module] = stem(in_channels)
        parts["inception_a"] = row(*(inception_a() for _ in range(4)))
        parts["reduction_a"] = reduction_a()
        parts["inception_b"] = row(*(inception_b() for _ in range(7)))
        parts["reduction_b"] = reduction_b()
        parts["inception_c"] = row(*(inception_c() for _ in range(3)))
        features = nn.Sequential(parts)
        sizes.map_size(first_path(features), input_size)
        # figure 9: dropout that keeps 80 %
        super().__init__(features, class_head(1536, classes, dropout=0.2))
        truncated_fan_in(self)  # as in the network that Google released


def stem(in_channels: int) -> "OrderedDict[str, nn.Module]":
    """Figure 3: 299×299 images to 384 maps of 35×35, with branches from 73 on."""
    return OrderedDict(
        conv1=ConvNormReLU(in_channels, 32, 3, 2),
        conv2=ConvNormReLU(32, 32, 3),
        conv3=ConvNormReLU(32, 64, 3, 1, 1),
        mixed3=Branches(
            {"pool": nn.MaxPool2d(3, 2), "conv": ConvNormReLU(64, 96, 3, 2)}
        ),
        mixed4=Branches(
            {
                "branch3x3": row(ConvNormReLU(160, 64, 1), ConvNormReLU(64, 96, 3)),
                "branch7x7": row(
                    ConvNormReLU(160, 64, 1),
                    ConvNormReLU(64, 64, HORIZONTAL, 1, ALONG),
                    ConvNormReLU(64, 64, VERTICAL, 1, DOWN),
                    ConvNormReLU(64, 96, 3),
                ),
            }
        ),
        mixed5=Branches(
            {"conv": ConvNormReLU(192, 192, 3, 2), "pool": nn.MaxPool2d(3, 2)}
        ),
    )


def pooled(in_channels: int, out_channels: int) -> nn.Sequential:
    """3×3 average (of the pixels that exist), then 1×1."""
    return row(
        nn.AvgPool2d(3, 1, 1, count_include_pad=False),
        ConvNormReLU(in_channels, out_channels, 1),
    )


def inception_a() -> Branches:
    """Figure 4: 384 maps of 35×35."""
    return Branches(
        {
            "branch1x1": ConvNormReLU(384, 96, 1),
            "branch3x3": row(ConvNormReLU(384, 64, 1), ConvNormReLU(64, 96, 3, 1, 1)),
            "branch3x3dbl": row(
                ConvNormReLU(384, 64, 1),
                ConvNormReLU(64, 96, 3, 1, 1),
                ConvNormReLU(96, 96, 3, 1, 1),
            ),
            "branch_pool": pooled(384, 96),
        }
    )


def reduction_a() -> Branches:
    """Figure 7 with k, l, m, n = 192, 224, 256, 384 (table 1): 35 to 17."""
    return Branches(
        {
            "branch3x3": ConvNormReLU(384, 384, 3, 2),
            "branch3x3dbl": row(
                ConvNormReLU(384, 192, 1),
                ConvNormReLU(192, 224, 3, 1, 1),
                ConvNormReLU(224, 256, 3, 2),
            ),
            "pool": nn.MaxPool2d(3, 2),
        }
    )


def inception_b() -> Branches:
    """Figure 5: 1024 maps of 17×17."""
    return Branches(
        {
            "branch1x1": ConvNormReLU(1024, 384, 1),
            "branch7x7": row(
                ConvNormReLU(1024, 192, 1),
                ConvNormReLU(192, 224, HORIZONTAL, 1, ALONG),
                ConvNormReLU(224, 256, VERTICAL, 1, DOWN),
            ),
            "branch7x7dbl": row(
                ConvNormReLU(1024, 192, 1),
                ConvNormReLU(192, 192, VERTICAL, 1, DOWN),
                ConvNormReLU(192, 224, HORIZONTAL, 1, ALONG),
                ConvNormReLU(224, 224, VERTICAL, 1, DOWN),
                ConvNormReLU(224, 256, HORIZONTAL, 1, ALONG),
            ),
            "branch_pool": pooled(1024, 128),
        }
    )


def reduction_b() -> Branches:
    """Figure 8: 17 to 8."""
    return Branches(
        {
            "branch3x3": row(ConvNormReLU(1024, 192, 1), ConvNormReLU(192, 192, 3, 2)),
            "branch7x7": row(
                ConvNormReLU(1024, 256, 1),
                ConvNormReLU(256, 256, HORIZONTAL, 1, ALONG),
                ConvNormReLU(256, 320, VERTICAL, 1, DOWN),
                ConvNormReLU(320, 320, 3, 2),
            ),
            "pool": nn.MaxPool2d(3, 2),
        }
    )


def inception_c() -> Branches:
    """Figure 6: 1536 maps of 8×8; two branches fork into 1×3 and 3×1."""
    return Branches(
        {
            "branch1x1": ConvNormReLU(1536, 256, 1),
            "branch3x3": row(ConvNormReLU(1536, 384, 1), fork(384, 256)),
            "branch3x3dbl": row(
                ConvNormReLU(1536, 384, 1),
                ConvNormReLU(384, 448, (3, 1), 1, (1, 0)),
                ConvNormReLU(448, 512, (1, 3), 1, (0, 1)),
                fork(512, 256),
            ),
            "branch_pool": pooled(1536, 256),
        }
    )


def inception_v4(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> InceptionV4:
    """Figure 9."""
    return InceptionV4(classes, in_channels, input_size)


register(
    Variant(
        name="inception-v4",
        family="inception_v4",
        title="Inception-v4, Inception-ResNet and the Impact of Residual Connections "
        "on Learning",
        year=2016,
        reference="Szegedy et al., arXiv:1602.07261, figures 3 to 9",
        input=(3, 299, 299),
        classes=1000,
        sizes="at least 75×75",
        build=inception_v4,
    )
)
