"""Residual blocks (He et al. 2015, arXiv:1512.03385) and stages made of them."""

from collections import OrderedDict
from collections.abc import Callable, Sequence

from torch import Tensor, nn

from convatlas.networks.blocks import Add

BlockMaker = Callable[[int, int, int], nn.Module]
"""Makes a block from input channels, output channels and stride."""


class BasicBlock(nn.Module):
    """Figure 5, left: two 3×3 convolutions beside a shortcut; ReLU after the sum.

    Args:
        in_channels: of the map that arrives.
        channels: of the map that leaves.
        stride: of the first convolution.
        shortcut: brings the input to the output's shape; ``nn.Identity`` where it has
            that shape already.
        biases: of the convolutions; superfluous before a norm, the tutorials have them.
    """

    def __init__(
        self,
        in_channels: int,
        channels: int,
        stride: int,
        shortcut: nn.Module,
        biases: bool = False,
    ) -> None:
        super().__init__()
        self.conv1 = conv3x3(in_channels, channels, stride, biases)
        self.norm1 = nn.BatchNorm2d(channels)
        self.relu1 = nn.ReLU()
        self.conv2 = conv3x3(channels, channels, biases=biases)
        self.norm2 = nn.BatchNorm2d(channels)
        self.shortcut = shortcut
        self.add = Add()
        self.relu2 = nn.ReLU()

    def forward(self, images: Tensor) -> Tensor:
        residual = self.relu1(self.norm1(self.conv1(images)))
        residual = self.norm2(self.conv2(residual))
        total: Tensor = self.relu2(self.add(residual, self.shortcut(images)))
        return total


class Bottleneck(nn.Module):
    """Figure 5, right: 1×1 down to a quarter, 3×3, 1×1 up again beside a shortcut.

    Args:
        in_channels: of the map that arrives.
        channels: of the map that leaves, four times the width within.
        stride: of the block.
        stride_first: the first 1×1 convolution carries the stride, as published; else
            the 3×3 does.
    """

    def __init__(
        self, in_channels: int, channels: int, stride: int, stride_first: bool
    ) -> None:
        super().__init__()
        width = channels // 4
        first, second = (stride, 1) if stride_first else (1, stride)
        self.conv1 = nn.Conv2d(in_channels, width, 1, first, bias=False)
        self.norm1 = nn.BatchNorm2d(width)
        self.relu1 = nn.ReLU()
        self.conv2 = conv3x3(width, width, second)
        self.norm2 = nn.BatchNorm2d(width)
        self.relu2 = nn.ReLU()
        self.conv3 = nn.Conv2d(width, channels, 1, bias=False)
        self.norm3 = nn.BatchNorm2d(channels)
        self.shortcut = projection(in_channels, channels, stride)
        self.add = Add()
        self.relu3 = nn.ReLU()

    def forward(self, images: Tensor) -> Tensor:
        residual = self.relu1(self.norm1(self.conv1(images)))
        residual = self.relu2(self.norm2(self.conv2(residual)))
        residual = self.norm3(self.conv3(residual))
        total: Tensor = self.relu3(self.add(residual, self.shortcut(images)))
        return total


def basic(in_channels: int, channels: int, stride: int) -> BasicBlock:
    """A basic block whose shortcut is a projection where the shape changes."""
    shortcut = projection(in_channels, channels, stride)
    return BasicBlock(in_channels, channels, stride, shortcut)


def bottleneck(in_channels: int, channels: int, stride: int) -> Bottleneck:
    """A bottleneck with the stride in its 3×3 convolution ("v1.5")."""
    return Bottleneck(in_channels, channels, stride, stride_first=False)


def bottleneck_v1(in_channels: int, channels: int, stride: int) -> Bottleneck:
    """A bottleneck as published: the stride is in its first 1×1 convolution."""
    return Bottleneck(in_channels, channels, stride, stride_first=True)


def projection(in_channels: int, channels: int, stride: int) -> nn.Module:
    """Option B of section 4.1: identity where the shape stays, else 1×1 and norm."""
    if in_channels == channels and stride == 1:
        return nn.Identity()
    return nn.Sequential(
        OrderedDict(
            conv=nn.Conv2d(in_channels, channels, 1, stride, bias=False),
            norm=nn.BatchNorm2d(channels),
        )
    )


def stages(
    block: BlockMaker, in_channels: int, widths: Sequence[int], depths: Sequence[int]
) -> "OrderedDict[str, nn.Module]":
    """``stage1``, ``stage2`` … of ``block1``, ``block2`` …; every stage halves the map.

    Args:
        block: makes one block.
        in_channels: of the map that arrives at the first stage, which keeps the size.
        widths: output channels of each stage.
        depths: blocks in each stage.
    """
    found: OrderedDict[str, nn.Module] = OrderedDict()
    for number, (width, depth) in enumerate(zip(widths, depths, strict=True), start=1):
        blocks: OrderedDict[str, nn.Module] = OrderedDict()
        for index in range(1, depth + 1):
            stride = 2 if number > 1 and index == 1 else 1
            blocks[f"block{index}"] = block(in_channels, width, stride)
            in_channels = width
        found[f"stage{number}"] = nn.Sequential(blocks)
    return found


def conv3x3(
    in_channels: int, channels: int, stride: int = 1, biases: bool = False
) -> nn.Conv2d:
    """3×3, padded so that stride 1 keeps the size."""
    return nn.Conv2d(in_channels, channels, 3, stride, 1, bias=biases)
