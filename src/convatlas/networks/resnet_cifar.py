"""ResNet for 32×32 images: He et al. 2015, arXiv:1512.03385, section 4.2, table 6."""

from collections import OrderedDict

from torch import Tensor, nn
from torch.nn import functional

from convatlas.networks import sizes
from convatlas.networks.heads import class_head
from convatlas.networks.init import initialise
from convatlas.networks.network import Network
from convatlas.networks.registry import Builder, Variant, register
from convatlas.networks.resnet_blocks import BasicBlock, conv3x3, stages

WIDTHS = (16, 32, 64)


class PadChannels(nn.Module):
    """Appends channels of zeros.

    Args:
        extra: how many.
    """

    def __init__(self, extra: int) -> None:
        super().__init__()
        self.extra = extra

    def forward(self, images: Tensor) -> Tensor:
        return functional.pad(images, (0, 0, 0, 0, 0, self.extra))


class CifarResNet(Network):
    """A 3×3 convolution, three stages of ``depth`` blocks, global average, one layer.

    Args:
        classes: logits to give.
        in_channels: of the images.
        input_size: (height, width) of the images.
        depth: blocks in each stage, n in the paper, which counts 6n + 2 layers.
    """

    def __init__(
        self, classes: int, in_channels: int, input_size: tuple[int, int], depth: int
    ) -> None:
        first = conv3x3(in_channels, WIDTHS[0])
        sizes.map_size([("features.conv", first)], input_size)
        features = nn.Sequential(
            OrderedDict(
                conv=first,
                norm=nn.BatchNorm2d(WIDTHS[0]),
                relu=nn.ReLU(),
                **stages(identity_block, WIDTHS[0], WIDTHS, (depth, depth, depth)),
            )
        )
        super().__init__(features, class_head(WIDTHS[-1], classes))
        initialise(self, "kaiming")  # section 4.2: as in [13], arXiv:1502.01852


def identity_block(in_channels: int, channels: int, stride: int) -> BasicBlock:
    """A basic block without parameters in its shortcut (option A, section 4.2)."""
    return BasicBlock(
        in_channels, channels, stride, zero_padded(in_channels, channels, stride)
    )


def zero_padded(in_channels: int, channels: int, stride: int) -> nn.Module:
    """Option A: every second pixel of every second row, zeros as further channels."""
    if in_channels == channels and stride == 1:
        return nn.Identity()
    return nn.Sequential(
        OrderedDict(
            subsample=nn.AvgPool2d(1, stride), pad=PadChannels(channels - in_channels)
        )
    )


def _builder(depth: int) -> Builder:
    def build(
        *, classes: int, in_channels: int, input_size: tuple[int, int]
    ) -> CifarResNet:
        return CifarResNet(classes, in_channels, input_size, depth)

    return build


for _layers in (20, 32, 44, 56, 110):
    register(
        Variant(
            name=f"resnet{_layers}",
            family="resnet",
            title="Deep Residual Learning for Image Recognition",
            year=2015,
            reference="He et al., arXiv:1512.03385, section 4.2 and table 6, "
            f"{_layers} layers",
            input=(3, 32, 32),
            classes=10,
            sizes="any",
            build=_builder((_layers - 2) // 6),
        )
    )
