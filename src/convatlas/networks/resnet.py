"""ResNet for ImageNet: He et al. 2015, arXiv:1512.03385, table 1."""

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

from torch import nn

from convatlas.networks import sizes
from convatlas.networks.heads import class_head
from convatlas.networks.init import initialise
from convatlas.networks.network import Network
from convatlas.networks.registry import Builder, Published, Variant, register
from convatlas.networks.resnet_blocks import (
    BlockMaker,
    basic,
    bottleneck,
    bottleneck_v1,
    conv3x3,
    stages,
)

BASIC_WIDTHS = (64, 128, 256, 512)
BOTTLENECK_WIDTHS = (256, 512, 1024, 2048)
BLOCK = re.compile(r"features\.stage(?P<stage>\d+)\.block(?P<block>\d+)")
WEIGHTS = "https://download.pytorch.org/models/"  # torchvision's


class ResNet(Network):
    """A stem, four stages of residual blocks, global average, one dense layer.

    Args:
        stem: from images to a map of 64 channels.
        block: makes one block.
        widths: output channels of each stage.
        depths: blocks in each stage.
        classes: logits to give.
        input_size: (height, width) of the images.
    """

    def __init__(
        self,
        stem: nn.Sequential,
        block: BlockMaker,
        widths: Sequence[int],
        depths: Sequence[int],
        classes: int,
        input_size: tuple[int, int],
    ) -> None:
        sizes.map_size(sizes.chain(stem, "features.stem"), input_size)
        features = nn.Sequential(
            OrderedDict(stem=stem, **stages(block, 64, widths, depths))
        )
        super().__init__(features, class_head(widths[-1], classes))
        initialise(self, "kaiming")  # section 3.4: as in [13], arXiv:1502.01852


def imagenet_stem(in_channels: int) -> nn.Sequential:
    """Table 1, conv1 and the pooling of conv2_x: a quarter of the size, 64 channels."""
    return nn.Sequential(
        OrderedDict(
            conv=nn.Conv2d(in_channels, 64, 7, 2, 3, bias=False),
            norm=nn.BatchNorm2d(64),
            relu=nn.ReLU(),
            pool=nn.MaxPool2d(3, 2, 1),
        )
    )


def small_stem(in_channels: int) -> nn.Sequential:
    """For images of about 32 pixels: 3×3, the size stays."""
    return nn.Sequential(
        OrderedDict(
            conv=conv3x3(in_channels, 64), norm=nn.BatchNorm2d(64), relu=nn.ReLU()
        )
    )


def torchvision_names(network: Network) -> Mapping[str, str]:
    """Paths of this family's modules by the paths that torchvision has for them."""
    names = {"conv1": "features.stem.conv", "bn1": "features.stem.norm"}
    for path, module in network.named_modules():
        match = BLOCK.fullmatch(path)
        if match is None:
            continue
        block = f"layer{match['stage']}.{int(match['block']) - 1}"
        for own in dict(module.named_modules()):
            theirs = own.replace("norm", "bn")
            theirs = theirs.replace("shortcut.conv", "downsample.0")
            theirs = theirs.replace("shortcut.bn", "downsample.1")
            names[f"{block}.{theirs}"] = f"{path}.{own}"
    return {**names, "fc": "head.fc"}


def _builder(
    stem: Callable[[int], nn.Sequential],
    block: BlockMaker,
    widths: Sequence[int],
    depths: Sequence[int],
) -> Builder:
    def build(*, classes: int, in_channels: int, input_size: tuple[int, int]) -> ResNet:
        return ResNet(stem(in_channels), block, widths, depths, classes, input_size)

    return build


def _published(**files: str) -> dict[str, Published]:
    return {
        name.replace("_", "-"): Published(WEIGHTS + file, torchvision_names)
        for name, file in files.items()
    }


def _register(
    name: str, column: str, build: Builder, published: Mapping[str, Published]
) -> None:
    register(
        Variant(
            name=name,
            family="resnet",
            title="Deep Residual Learning for Image Recognition",
            year=2015,
            reference=f"He et al., arXiv:1512.03385, table 1, {column}",
            input=(3, 224, 224),
            classes=1000,
            sizes="any",
            build=build,
            published=published,
        )
    )


_register(
    "resnet18",
    "18-layer",
    _builder(imagenet_stem, basic, BASIC_WIDTHS, (2, 2, 2, 2)),
    _published(imagenet="resnet18-f37072fd.pth"),
)
_register(
    "resnet34",
    "34-layer",
    _builder(imagenet_stem, basic, BASIC_WIDTHS, (3, 4, 6, 3)),
    _published(imagenet="resnet34-b627a593.pth"),
)
_register(
    "resnet50",
    "50-layer; stride in the 3×3 convolutions",
    _builder(imagenet_stem, bottleneck, BOTTLENECK_WIDTHS, (3, 4, 6, 3)),
    _published(imagenet="resnet50-0676ba61.pth", imagenet_v2="resnet50-11ad3fa6.pth"),
)
_register(
    "resnet101",
    "101-layer; stride in the 3×3 convolutions",
    _builder(imagenet_stem, bottleneck, BOTTLENECK_WIDTHS, (3, 4, 23, 3)),
    _published(imagenet="resnet101-63fe2227.pth", imagenet_v2="resnet101-cd907fc2.pth"),
)
_register(
    "resnet152",
    "152-layer; stride in the 3×3 convolutions",
    _builder(imagenet_stem, bottleneck, BOTTLENECK_WIDTHS, (3, 8, 36, 3)),
    _published(imagenet="resnet152-394f9c45.pth", imagenet_v2="resnet152-f82ba261.pth"),
)
_register(
    "resnet50-v1",
    "50-layer",
    _builder(imagenet_stem, bottleneck_v1, BOTTLENECK_WIDTHS, (3, 4, 6, 3)),
    {},
)
_register(
    "resnet101-v1",
    "101-layer",
    _builder(imagenet_stem, bottleneck_v1, BOTTLENECK_WIDTHS, (3, 4, 23, 3)),
    {},
)
_register(
    "resnet152-v1",
    "152-layer",
    _builder(imagenet_stem, bottleneck_v1, BOTTLENECK_WIDTHS, (3, 8, 36, 3)),
    {},
)
register(
    Variant(
        name="resnet18-small",
        family="resnet",
        title="ResNet-18 with a stem for small images",
        year=2015,
        reference="He et al., arXiv:1512.03385, table 1, 18-layer, with another stem",
        input=(3, 32, 32),
        classes=10,
        sizes="any",
        build=_builder(small_stem, basic, BASIC_WIDTHS, (2, 2, 2, 2)),
    )
)
