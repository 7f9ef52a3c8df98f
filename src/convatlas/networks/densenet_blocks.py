"""Dense blocks with bottlenecks and compression (DenseNet-BC), and networks of them.

Source: Huang, Liu, van der Maaten & Weinberger, "Densely Connected Convolutional
Networks", arXiv:1608.06993 (2016), section 3.
"""

from collections import OrderedDict
from collections.abc import Sequence

from torch import Tensor, nn

from convatlas.networks import sizes
from convatlas.networks.blocks import Concat
from convatlas.networks.heads import class_head
from convatlas.networks.network import Network
from convatlas.networks.published_init import fan_out


class DenseLayer(nn.Module):
    """DenseNet-B (section 3): norm, ReLU, 1×1, norm, ReLU, 3×3; appended to the input.

    Args:
        in_channels: of the map that arrives; ``growth`` more leave.
        growth: channels that the layer adds; its 1×1 convolution makes four times that.
    """

    def __init__(self, in_channels: int, growth: int) -> None:
        super().__init__()
        width = 4 * growth
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.relu1 = nn.ReLU()
        self.conv1 = nn.Conv2d(in_channels, width, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)
        self.relu2 = nn.ReLU()
        self.conv2 = nn.Conv2d(width, growth, 3, padding=1, bias=False)
        self.concat = Concat()

    def forward(self, images: Tensor) -> Tensor:
        maps = self.conv1(self.relu1(self.norm1(images)))
        maps = self.conv2(self.relu2(self.norm2(maps)))
        grown: Tensor = self.concat(images, maps)
        return grown


class DenseNet(Network):
    """Dense blocks with transitions between, global average, one dense layer.

    Args:
        stem: from images to the map that the first block sees.
        channels: of that map.
        depths: layers of each block.
        growth: channels that each layer adds.
        classes: logits to give.
        input_size: (height, width) of the images.
    """

    def __init__(
        self,
        stem: "OrderedDict[str, nn.Module]",
        channels: int,
        depths: Sequence[int],
        growth: int,
        classes: int,
        input_size: tuple[int, int],
    ) -> None:
        parts = OrderedDict(stem)
        for number, depth in enumerate(depths, start=1):
            if number > 1:
                parts[f"transition{number - 1}"] = transition(channels)
                channels //= 2  # compression of one half: the C of DenseNet-BC
            parts[f"block{number}"] = dense_block(channels, depth, growth)
            channels += depth * growth
        parts["norm"] = nn.BatchNorm2d(channels)
        parts["relu"] = nn.ReLU()
        features = nn.Sequential(parts)
        sizes.map_size(resizing(features), input_size)
        super().__init__(features, class_head(channels, classes))
        fan_out(self)  # section 4.2: as in [10], and as the authors' code does


def dense_block(in_channels: int, depth: int, growth: int) -> nn.Sequential:
    """Layers that each see the outputs of all before them (equation 2)."""
    return nn.Sequential(
        OrderedDict(
            (f"layer{i + 1}", DenseLayer(in_channels + i * growth, growth))
            for i in range(depth)
        )
    )


def transition(channels: int) -> nn.Sequential:
    """Section 3, pooling layers: half of the channels, half of the size."""
    return nn.Sequential(
        OrderedDict(
            norm=nn.BatchNorm2d(channels),
            relu=nn.ReLU(),
            conv=nn.Conv2d(channels, channels // 2, 1, bias=False),
            pool=nn.AvgPool2d(2, 2),
        )
    )


def resizing(features: nn.Sequential) -> sizes.Steps:
    """The layers that change height or width: those within blocks do not."""
    return [step for step in sizes.chain(features) if ".layer" not in step[0]]
