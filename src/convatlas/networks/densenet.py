"""DenseNet-BC: Huang et al. 2016, arXiv:1608.06993, section 3 and table 1."""

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from convatlas.networks import sizes
from convatlas.networks.blocks import Concat
from convatlas.networks.heads import class_head
from convatlas.networks.network import Network
from convatlas.networks.published_init import fan_out
from convatlas.networks.registry import Builder, Published, Variant, register

LAYER = re.compile(r"features\.block(?P<block>\d+)\.layer(?P<layer>\d+)\.(?P<own>\w+)")
TRANSITION = re.compile(r"features\.transition(?P<number>\d+)\.(?P<own>\w+)")
WEIGHTS = "https://download.pytorch.org/models/"  # torchvision's


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


def imagenet_stem(in_channels: int, channels: int) -> "OrderedDict[str, nn.Module]":
    """Table 1, convolution and pooling: a quarter of the size."""
    return OrderedDict(
        stem=nn.Sequential(
            OrderedDict(
                conv=nn.Conv2d(in_channels, channels, 7, 2, 3, bias=False),
                norm=nn.BatchNorm2d(channels),
                relu=nn.ReLU(),
                pool=nn.MaxPool2d(3, 2, 1),
            )
        )
    )


def cifar_stem(in_channels: int, channels: int) -> "OrderedDict[str, nn.Module]":
    """Section 3, implementation details: one 3×3 convolution."""
    return OrderedDict(conv=nn.Conv2d(in_channels, channels, 3, padding=1, bias=False))


def torchvision_names(network: Network) -> Mapping[str, str]:
    """Paths of this family's modules by the paths that torchvision has for them.

    Its published files are older than its module names: ``norm.1`` stands for
    ``norm1``; both are listed.
    """
    names = {
        "features.conv0": "features.stem.conv",
        "features.norm0": "features.stem.norm",
        "features.norm5": "features.norm",
        "classifier": "head.fc",
    }
    for path, _ in network.named_modules():
        if match := LAYER.fullmatch(path):
            layer = f"denseblock{match['block']}.denselayer{match['layer']}"
            names[f"features.{layer}.{match['own']}"] = path
            older = f"{match['own'][:-1]}.{match['own'][-1]}"
            names[f"features.{layer}.{older}"] = path
        elif match := TRANSITION.fullmatch(path):
            names[f"features.transition{match['number']}.{match['own']}"] = path
    return names


def _imagenet(channels: int, depths: Sequence[int], growth: int) -> Builder:
    def build(
        *, classes: int, in_channels: int, input_size: tuple[int, int]
    ) -> DenseNet:
        stem = imagenet_stem(in_channels, channels)
        return DenseNet(stem, channels, depths, growth, classes, input_size)

    return build


def densenet_bc_100_12(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> DenseNet:
    """Table 2, DenseNet-BC with L=100 and k=12: (100 - 4) / 6 = 16 layers a block."""
    channels = 2 * 12  # section 3: twice the growth rate in DenseNet-BC
    stem = cifar_stem(in_channels, channels)
    return DenseNet(stem, channels, (16, 16, 16), 12, classes, input_size)


def _register_imagenet(
    layers: int, channels: int, depths: Sequence[int], growth: int, file: str
) -> None:
    register(
        Variant(
            name=f"densenet{layers}",
            family="densenet",
            title="Densely Connected Convolutional Networks",
            year=2016,
            reference=f"Huang et al., arXiv:1608.06993, table 1, {layers} layers",
            input=(3, 224, 224),
            classes=1000,
            sizes="at least 29×29",
            build=_imagenet(channels, depths, growth),
            published={"imagenet": Published(WEIGHTS + file, torchvision_names)},
        )
    )


_register_imagenet(121, 64, (6, 12, 24, 16), 32, "densenet121-a639ec97.pth")
_register_imagenet(161, 96, (6, 12, 36, 24), 48, "densenet161-8d451a50.pth")
_register_imagenet(169, 64, (6, 12, 32, 32), 32, "densenet169-b2777c0a.pth")
_register_imagenet(201, 64, (6, 12, 48, 32), 32, "densenet201-c1103571.pth")
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
