"""ResNet for 32×32 images.

Source: He, Zhang, Ren & Sun, "Deep Residual Learning for Image Recognition",
arXiv:1512.03385 (2015), section 4.2 and table 6: 6n + 2 layers with n = 3, 5, 7, 9, 18;
shortcuts of option A, which have no parameters.

Input 3×32×32, ten classes; global pooling lets any size pass.

resnet20, input 3×32×32
name             operation          output  parameters        MACs  field
features.conv    conv 3→16 k3 p1  16×32×32         432     442,368      3
features.norm    bn               16×32×32          32           0      3
features.stage1  -                16×32×32      14,016  14,155,776     15
features.stage2  -                32×16×16      51,072  12,976,128     37
features.stage3  -                  64×8×8     203,520  12,976,128     81
head.pool        global avg         64×1×1           0           0    all
head.fc          fc 64→10               10         650         640    all
total            -                      10     269,722  40,551,040      -

resnet32, input 3×32×32
name             operation          output  parameters        MACs  field
features.conv    conv 3→16 k3 p1  16×32×32         432     442,368      3
features.norm    bn               16×32×32          32           0      3
features.stage1  -                16×32×32      23,360  23,592,960     23
features.stage2  -                32×16×16      88,192  22,413,312     61
features.stage3  -                  64×8×8     351,488  22,413,312    137
head.pool        global avg         64×1×1           0           0    all
head.fc          fc 64→10               10         650         640    all
total            -                      10     464,154  68,862,592      -

resnet44, input 3×32×32
name             operation          output  parameters        MACs  field
features.conv    conv 3→16 k3 p1  16×32×32         432     442,368      3
features.norm    bn               16×32×32          32           0      3
features.stage1  -                16×32×32      32,704  33,030,144     31
features.stage2  -                32×16×16     125,312  31,850,496     85
features.stage3  -                  64×8×8     499,456  31,850,496    193
head.pool        global avg         64×1×1           0           0    all
head.fc          fc 64→10               10         650         640    all
total            -                      10     658,586  97,174,144      -

resnet56, input 3×32×32
name             operation          output  parameters         MACs  field
features.conv    conv 3→16 k3 p1  16×32×32         432      442,368      3
features.norm    bn               16×32×32          32            0      3
features.stage1  -                16×32×32      42,048   42,467,328     39
features.stage2  -                32×16×16     162,432   41,287,680    109
features.stage3  -                  64×8×8     647,424   41,287,680    249
head.pool        global avg         64×1×1           0            0    all
head.fc          fc 64→10               10         650          640    all
total            -                      10     853,018  125,485,696      -

resnet110, input 3×32×32
name             operation          output  parameters         MACs  field
features.conv    conv 3→16 k3 p1  16×32×32         432      442,368      3
features.norm    bn               16×32×32          32            0      3
features.stage1  -                16×32×32      84,096   84,934,656     75
features.stage2  -                32×16×16     329,472   83,755,008    217
features.stage3  -                  64×8×8   1,313,280   83,755,008    501
head.pool        global avg         64×1×1           0            0    all
head.fc          fc 64→10               10         650          640    all
total            -                      10   1,727,962  252,887,680      -

Departures from the paper:
* none in the layers. Where a shortcut takes every second pixel and appends channels of
  zeros the paper does not say on which side; here they come last.
* The paper starts ResNet-110 with a lower learning rate; that is a matter of recipes.
"""

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
