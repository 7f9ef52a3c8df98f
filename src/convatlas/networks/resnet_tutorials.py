"""Residual networks of the tutorials, for grey images."""

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
