"""DenseNet-BC for 32×32 images.

Source: Huang, Liu, van der Maaten & Weinberger, "Densely Connected Convolutional
Networks", arXiv:1608.06993 (2016), section 3 (implementation details) and table 2.

Input 3×32×32, ten classes.

densenet-bc-100-12, input 3×32×32
name                  operation           output  parameters         MACs  field
features.conv         conv 3→24 k3 p1   24×32×32         648      663,552      3
features.block1       -                216×32×32     175,680  174,587,904     35
features.transition1  -                108×16×16      23,760   23,887,872     36
features.block2       -                300×16×16     242,880   60,162,048    100
features.transition2  -                  150×8×8      45,600   11,520,000    102
features.block3       -                  342×8×8     276,480   17,104,896    230
features.norm         bn                 342×8×8         684            0    230
head.pool             global avg         342×1×1           0            0    all
head.fc               fc 342→10               10       3,430        3,420    all
total                 -                       10     769,162  287,929,692      -

Departures from the paper:
* The paper adds dropout of .2 after each convolution where it trains without
  augmentation; here there is none.
"""

from collections import OrderedDict

from torch import nn

from convatlas.networks.densenet_blocks import DenseNet
from convatlas.networks.registry import Variant, register


def cifar_stem(in_channels: int, channels: int) -> "OrderedDict[str, nn.Module]":
    """Section 3, implementation details: one 3×3 convolution."""
    return OrderedDict(conv=nn.Conv2d(in_channels, channels, 3, padding=1, bias=False))


def densenet_bc_100_12(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> DenseNet:
    """Table 2, DenseNet-BC with L=100 and k=12: (100 - 4) / 6 = 16 layers a block."""
    channels = 2 * 12  # section 3: twice the growth rate in DenseNet-BC
    stem = cifar_stem(in_channels, channels)
    return DenseNet(stem, channels, (16, 16, 16), 12, classes, input_size)


register(
    Variant(
        name="densenet-bc-100-12",
        family="densenet",
        title="Densely Connected Convolutional Networks",
        year=2016,
        reference="Huang et al., arXiv:1608.06993, table 2, DenseNet-BC, L=100, k=12",
        input=(3, 32, 32),
        classes=10,
        sizes="at least 4×4",
        build=densenet_bc_100_12,
    )
)
