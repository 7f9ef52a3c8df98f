"""The small DenseNet of the tutorials, for grey images.

Source: tutorial 004 (Dive into Deep Learning, section 8.7), after Huang et al.,
arXiv:1608.06993. Its Gluon code is given here in its PyTorch form.

Input 1×96×96 (28×28 images enlarged), ten classes.

densenet-gray, input 1×96×96
name                  operation              output  parameters         MACs  field
features.stem.conv    conv 1→64 k7 s2 p3   64×48×48       3,200    7,225,344      7
features.stem.norm    bn                   64×48×48         128            0      7
features.stem.pool    max 3/2 p1           64×24×24           0            0     11
features.block1       -                   192×24×24     130,048   74,317,824     43
features.transition1  -                    96×12×12      18,912   10,616,832     47
features.block2       -                   224×12×12     167,168   23,887,872    111
features.transition2  -                     112×6×6      25,648    3,612,672    119
features.block3       -                     240×6×6     185,728    6,635,520    247
features.transition3  -                     120×3×3      29,400    1,036,800    263
features.block4       -                     248×3×3     195,008    1,741,824    519
features.norm         bn                    248×3×3         496            0    519
head.pool             global avg            248×1×1           0            0    all
head.fc               fc 248→10                  10       2,490        2,480    all
total                 -                          10     758,226  129,077,168      -

Departures from the paper (the tutorial's own):
* four blocks of four layers, growth rate 32; a layer is one 3×3 convolution without the
  1×1 bottleneck; every convolution has biases.
"""

from collections import OrderedDict

from torch import Tensor, nn

from convatlas.networks import sizes
from convatlas.networks.blocks import Concat
from convatlas.networks.densenet_blocks import resizing
from convatlas.networks.heads import class_head
from convatlas.networks.init import initialise
from convatlas.networks.network import Network
from convatlas.networks.registry import Variant, register

GROWTH = 32


class PlainDenseLayer(nn.Module):
    """Norm, ReLU and a 3×3 convolution with biases; its output is appended."""

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(in_channels)
        self.relu = nn.ReLU()
        self.conv = nn.Conv2d(in_channels, GROWTH, 3, padding=1)
        self.concat = Concat()

    def forward(self, images: Tensor) -> Tensor:
        maps = self.conv(self.relu(self.norm(images)))
        grown: Tensor = self.concat(images, maps)
        return grown


class GrayDenseNet(Network):
    """A stem of 64 channels, four blocks of four layers, halving transitions."""

    def __init__(
        self, classes: int, in_channels: int, input_size: tuple[int, int]
    ) -> None:
        channels = 64
        parts: OrderedDict[str, nn.Module] = OrderedDict()
        parts["stem"] = nn.Sequential(
            OrderedDict(
                conv=nn.Conv2d(in_channels, channels, 7, 2, 3),
                norm=nn.BatchNorm2d(channels),
                relu=nn.ReLU(),
                pool=nn.MaxPool2d(3, 2, 1),
            )
        )
        for number in range(1, 5):
            if number > 1:
                parts[f"transition{number - 1}"] = biased_transition(channels)
                channels //= 2
            layers: OrderedDict[str, nn.Module] = OrderedDict()
            for index in range(1, 5):
                layers[f"layer{index}"] = PlainDenseLayer(channels)
                channels += GROWTH
            parts[f"block{number}"] = nn.Sequential(layers)
        parts["norm"] = nn.BatchNorm2d(channels)
        parts["relu"] = nn.ReLU()
        features = nn.Sequential(parts)
        sizes.map_size(resizing(features), input_size)
        super().__init__(features, class_head(channels, classes))
        initialise(self, "xavier")  # the book's training function, section 7.6.2


def biased_transition(channels: int) -> nn.Sequential:
    """Half of the channels, half of the size; the convolution has biases."""
    return nn.Sequential(
        OrderedDict(
            norm=nn.BatchNorm2d(channels),
            relu=nn.ReLU(),
            conv=nn.Conv2d(channels, channels // 2, 1),
            pool=nn.AvgPool2d(2, 2),
        )
    )


def densenet_gray(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> GrayDenseNet:
    """Tutorial 004; Dive into Deep Learning, section 8.7."""
    return GrayDenseNet(classes, in_channels, input_size)


register(
    Variant(
        name="densenet-gray",
        family="densenet",
        title="Tutorial 004, DenseNet",
        year=2020,
        reference="tutorial 004; Dive into Deep Learning, section 8.7",
        input=(1, 96, 96),
        classes=10,
        sizes="at least 29×29",
        build=densenet_gray,
    )
)
