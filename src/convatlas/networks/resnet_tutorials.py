"""Residual networks of the tutorials, for grey images.

Sources: ``resnet-mini`` from tutorial 003, chapter 5; ``resnet18-gray`` from tutorials
000 and 004 (Dive into Deep Learning, section 8.6), after He et al., arXiv:1512.03385.

Input 1×28×28 and 1×96×96 (28×28 images enlarged), ten classes.

resnet-mini, input 1×28×28
name                operation        output  parameters       MACs  field
features.conv1      conv 1→16 k5   16×24×24         416    230,400      5
features.pool1      max 2/2        16×12×12           0          0      6
features.residual1  -              16×12×12       4,640    663,552     14
features.conv2      conv 16→32 k5    32×8×8      12,832    819,200     22
features.pool2      max 2/2          32×4×4           0          0     24
features.residual2  -                32×4×4      18,496    294,912     40
head.fc             fc 512→10            10       5,130      5,120    all
total               -                    10      41,514  2,013,184      -

resnet18-gray, input 1×96×96
name                operation              output  parameters         MACs  field
features.stem.conv  conv 1→64 k7 s2 p3   64×48×48       3,200    7,225,344      7
features.stem.norm  bn                   64×48×48         128            0      7
features.stem.pool  max 3/2 p1           64×24×24           0            0     11
features.stage1     -                    64×24×24     148,224   84,934,656     43
features.stage2     -                   128×12×12     525,952   75,497,472     99
features.stage3     -                     256×6×6   2,100,480   75,497,472    211
features.stage4     -                     512×3×3   8,395,264   75,497,472    435
head.pool           global avg            512×1×1           0            0    all
head.fc             fc 512→10                  10       5,130        5,120    all
total               -                          10  11,178,378  318,657,536      -

Departures from the paper (the tutorials' own):
* resnet-mini is no ResNet of the paper: two convolutions of LeNet's kind, each followed
  by a residual block without batch norm and without change of shape, flattened at the
  end.
* resnet18-gray: every convolution has biases, and the 1×1 convolutions of the shortcuts
  have no batch norm; otherwise ResNet-18.
* Tutorial 004 gives the block in Gluon under the heading PyTorch; this is its PyTorch
  form.
"""

from collections import OrderedDict

from torch import Tensor, nn

from convatlas.networks import sizes
from convatlas.networks.blocks import Add
from convatlas.networks.heads import class_head
from convatlas.networks.init import initialise
from convatlas.networks.network import Network
from convatlas.networks.registry import Variant, register
from convatlas.networks.resnet_blocks import BasicBlock, stages


class PlainResidual(nn.Module):
    """Two 3×3 convolutions with biases and without norms beside an identity."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.relu1 = nn.ReLU()
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1)
        self.add = Add()
        self.relu2 = nn.ReLU()

    def forward(self, images: Tensor) -> Tensor:
        residual = self.conv2(self.relu1(self.conv1(images)))
        total: Tensor = self.relu2(self.add(images, residual))
        return total


class MiniResNet(Network):
    """LeNet's convolutions and poolings, each followed by a residual block."""

    def __init__(
        self, classes: int, in_channels: int, input_size: tuple[int, int]
    ) -> None:
        features = nn.Sequential(
            OrderedDict(
                conv1=nn.Conv2d(in_channels, 16, 5),
                relu1=nn.ReLU(),
                pool1=nn.MaxPool2d(2),
                residual1=PlainResidual(16),
                conv2=nn.Conv2d(16, 32, 5),
                relu2=nn.ReLU(),
                pool2=nn.MaxPool2d(2),
                residual2=PlainResidual(32),
            )
        )
        height, width = sizes.map_size(sizes.chain(features), input_size)
        head = nn.Sequential(
            OrderedDict(
                flatten=nn.Flatten(), fc=nn.Linear(32 * height * width, classes)
            )
        )
        super().__init__(features, head)


class GrayResNet(Network):
    """ResNet-18 as Dive into Deep Learning builds it: biases, no norm in shortcuts."""

    def __init__(
        self, classes: int, in_channels: int, input_size: tuple[int, int]
    ) -> None:
        stem = nn.Sequential(
            OrderedDict(
                conv=nn.Conv2d(in_channels, 64, 7, 2, 3),
                norm=nn.BatchNorm2d(64),
                relu=nn.ReLU(),
                pool=nn.MaxPool2d(3, 2, 1),
            )
        )
        sizes.map_size(sizes.chain(stem, "features.stem"), input_size)
        widths = (64, 128, 256, 512)
        features = nn.Sequential(
            OrderedDict(stem=stem, **stages(biased_block, 64, widths, (2, 2, 2, 2)))
        )
        super().__init__(features, class_head(widths[-1], classes))
        initialise(self, "xavier")  # the book's training function, section 7.6.2


def biased_block(in_channels: int, channels: int, stride: int) -> BasicBlock:
    """The tutorials' block: every convolution has biases, the shortcut's is bare."""
    shortcut: nn.Module = nn.Identity()
    if in_channels != channels:
        shortcut = nn.Conv2d(in_channels, channels, 1, stride)
    return BasicBlock(in_channels, channels, stride, shortcut, biases=True)


def resnet_mini(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> MiniResNet:
    """Tutorial 003, chapter 5; PyTorch's own initialisation, as there."""
    return MiniResNet(classes, in_channels, input_size)


def resnet18_gray(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> GrayResNet:
    """Tutorials 000 and 004; Dive into Deep Learning, section 8.6."""
    return GrayResNet(classes, in_channels, input_size)


register(
    Variant(
        name="resnet-mini",
        family="resnet",
        title="Tutorial 003, ResNet",
        year=2023,
        reference="tutorial 003, chapter 5",
        input=(1, 28, 28),
        classes=10,
        sizes="at least 16×16; the dense layer grows with the map",
        build=resnet_mini,
    )
)
register(
    Variant(
        name="resnet18-gray",
        family="resnet",
        title="Tutorials 000 and 004, ResNet-18",
        year=2020,
        reference="tutorials 000 and 004; Dive into Deep Learning, section 8.6",
        input=(1, 96, 96),
        classes=10,
        sizes="any",
        build=resnet18_gray,
    )
)
