"""GoogLeNet, as published.

Source: Szegedy et al., "Going Deeper with Convolutions", arXiv:1409.4842 (2014), table
1, figure 3 and section 5.

Input 3×224×224, 1000 classes. Two auxiliary classifiers see the outputs of inception4a
(512×14×14) and inception4d (528×14×14): average pooling 5×5 with stride 3 to 4×4, a 1×1
convolution to 128, a dense layer to 1024, 70 % dropout, a dense layer to the classes.
Their losses count .3 each, in training only.

googlenet, input 3×224×224
name                   operation               output  parameters           MACs  field
features.conv1.conv    conv 3→64 k7 s2 p3  64×112×112       9,472    118,013,952      7
features.pool1         max 3/2               64×56×56           0              0     11
features.norm1         lrn 5                 64×56×56           0              0     11
features.reduce2.conv  conv 64→64 k1         64×56×56       4,160     12,845,056     11
features.conv2.conv    conv 64→192 k3 p1    192×56×56     110,784    346,816,512     19
features.norm2         lrn 5                192×56×56           0              0     19
features.pool2         max 3/2              192×28×28           0              0     27
features.inception3a   -                    256×28×28     163,696    128,049,152     59
features.inception3b   -                    480×28×28     388,736    304,267,264     91
features.pool3         max 3/2              480×14×14           0              0    107
features.inception4a   -                    512×14×14     376,176     73,608,192    171
features.inception4b   -                    512×14×14     449,160     87,908,352    235
features.inception4c   -                    512×14×14     510,104     99,850,240    299
features.inception4d   -                    528×14×14     605,376    118,515,712    363
features.inception4e   -                    832×14×14     868,352    169,996,288    427
features.pool4         max 3/2                832×7×7           0              0    459
features.inception5a   -                      832×7×7   1,043,456     51,079,168    587
features.inception5b   -                     1024×7×7   1,444,080     70,697,984    715
head.pool              global avg            1024×1×1           0              0    all
head.fc                fc 1024→1000              1000   1,025,000      1,024,000    all
auxiliaries            (not called)                 –   6,379,728              0      –
total                  -                         1000  13,378,280  1,582,671,872      -

Departures from the paper:
* Table 1 counts 34 million operations and 2.7 thousand parameters for the first
  convolution, which has 118 million and 9.4 thousand with its 64 filters of 7×7×3, and
  54 million for inception5a, whose columns make 51; the columns are followed.
* The paper gives no values for local response normalisation and no initial weights;
  both are those of the Caffe reproduction (BVLC GoogLeNet).
* Table 1 pools 7×7 at the end; the global average is the same at 224×224 and lets other
  sizes pass.
"""

import math
from collections import OrderedDict
from typing import NamedTuple

from torch import nn

from convatlas.networks import sizes
from convatlas.networks.auxiliary import AuxiliaryNetwork
from convatlas.networks.conv_units import ConvReLU
from convatlas.networks.heads import class_head
from convatlas.networks.inception_blocks import Branches, first_path, row
from convatlas.networks.registry import Variant, register


class Widths(NamedTuple):
    """Channels of one inception block, in the order of the columns of table 1."""

    conv1x1: int
    reduce3x3: int
    conv3x3: int
    reduce5x5: int
    conv5x5: int
    project: int

    @property
    def total(self) -> int:
        """Channels that leave the block."""
        return self.conv1x1 + self.conv3x3 + self.conv5x5 + self.project


INCEPTIONS = {
    "3a": Widths(64, 96, 128, 16, 32, 32),
    "3b": Widths(128, 128, 192, 32, 96, 64),
    "4a": Widths(192, 96, 208, 16, 48, 64),
    "4b": Widths(160, 112, 224, 24, 64, 64),
    "4c": Widths(128, 128, 256, 24, 64, 64),
    "4d": Widths(112, 144, 288, 32, 64, 64),
    "4e": Widths(256, 160, 320, 32, 128, 128),
    "5a": Widths(256, 160, 320, 32, 128, 128),
    "5b": Widths(384, 192, 384, 48, 128, 128),
}


class GoogLeNet(AuxiliaryNetwork):
    """Nine inception blocks, two auxiliary classifiers, no batch norm."""

    def __init__(
        self, classes: int, in_channels: int, input_size: tuple[int, int]
    ) -> None:
        parts: OrderedDict[str, nn.Module] = OrderedDict(
            conv1=ConvReLU(in_channels, 64, 7, 2, 3),
            pool1=halving_pool(),
            norm1=local_norm(),
            reduce2=ConvReLU(64, 64, 1),
            conv2=ConvReLU(64, 192, 3, 1, 1),
            norm2=local_norm(),
            pool2=halving_pool(),
        )
        channels = 192
        for name, widths in INCEPTIONS.items():
            if name in ("4a", "5a"):
                parts["pool3" if name == "4a" else "pool4"] = halving_pool()
            parts[f"inception{name}"] = inception(channels, widths)
            channels = widths.total
        features = nn.Sequential(parts)
        steps = first_path(features)
        size = auxiliary_size(steps, input_size)
        sizes.map_size(steps, input_size)
        auxiliaries = {
            f"inception{name}": auxiliary(INCEPTIONS[name].total, classes, size)
            for name in ("4a", "4d")
        }
        super().__init__(
            features,
            class_head(channels, classes, dropout=0.4),  # table 1: dropout (40%)
            auxiliaries,
            weight=0.3,  # section 5, last paragraph
        )
        initialise(self)


def inception(in_channels: int, widths: Widths) -> Branches:
    """Figure 2 (b): 1×1, 3×3, 5×5 and pooling side by side, reduced by 1×1."""
    return Branches(
        {
            "branch1x1": ConvReLU(in_channels, widths.conv1x1, 1),
            "branch3x3": row(
                ConvReLU(in_channels, widths.reduce3x3, 1),
                ConvReLU(widths.reduce3x3, widths.conv3x3, 3, padding=1),
            ),
            "branch5x5": row(
                ConvReLU(in_channels, widths.reduce5x5, 1),
                ConvReLU(widths.reduce5x5, widths.conv5x5, 5, padding=2),
            ),
            "branch_pool": row(
                nn.MaxPool2d(3, 1, 1), ConvReLU(in_channels, widths.project, 1)
            ),
        }
    )


def halving_pool() -> nn.MaxPool2d:
    """3×3, stride 2; the last window may hang over the edge, so 112 becomes 56."""
    return nn.MaxPool2d(3, 2, ceil_mode=True)


def local_norm() -> nn.LocalResponseNorm:
    """LocalRespNorm of figure 3; its values are those of the Caffe reproduction."""
    return nn.LocalResponseNorm(5, alpha=1e-4, beta=0.75, k=1.0)


def auxiliary(channels: int, classes: int, size: tuple[int, int]) -> nn.Sequential:
    """Section 5: pooling, 1×1, two dense layers with 70 % dropout between.

    Args:
        channels: of the map that arrives.
        classes: logits to give.
        size: (height, width) of the map after pooling.
    """
    return nn.Sequential(
        OrderedDict(
            pool=nn.AvgPool2d(5, 3),
            conv=ConvReLU(channels, 128, 1),
            flatten=nn.Flatten(),
            fc1=nn.Linear(128 * size[0] * size[1], 1024),
            relu=nn.ReLU(),
            dropout=nn.Dropout(0.7),
            fc2=nn.Linear(1024, classes),
        )
    )


def auxiliary_size(steps: sizes.Steps, input_size: tuple[int, int]) -> tuple[int, int]:
    """(height, width) that the pooling of the auxiliary classifiers leaves."""
    names = [name for name, _ in steps]
    before = steps[: names.index("features.pool3") + 1]
    pool = ("auxiliaries.inception4a.pool", nn.AvgPool2d(5, 3))
    return sizes.map_size([*before, pool], input_size)


def initialise(network: nn.Module) -> None:
    """The Caffe reproduction's start; the paper does not say.

    Uniform weights of variance 1 / fan-in; biases .2, 0 where logits come out.
    """
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            bound = math.sqrt(3 / module.weight[0].numel())
            nn.init.uniform_(module.weight, -bound, bound)
            last = name == "head.fc" or name.endswith("fc2")
            if module.bias is not None:
                nn.init.constant_(module.bias, 0.0 if last else 0.2)


def googlenet(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> GoogLeNet:
    """Table 1."""
    return GoogLeNet(classes, in_channels, input_size)


register(
    Variant(
        name="googlenet",
        family="googlenet",
        title="Going Deeper with Convolutions",
        year=2014,
        reference="Szegedy et al., arXiv:1409.4842, table 1 and figure 3",
        input=(3, 224, 224),
        classes=1000,
        sizes="at least 79×79; the auxiliary classifiers grow with the map",
        build=googlenet,
    )
)
