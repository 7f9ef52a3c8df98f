"""GoogLeNet in the forms that the tutorials teach, for grey images."""

from collections import OrderedDict

from torch import nn

from convatlas.networks import sizes
from convatlas.networks.googlenet import INCEPTIONS, inception
from convatlas.networks.heads import class_head
from convatlas.networks.inception_blocks import Branches, first_path, row
from convatlas.networks.network import Network
from convatlas.networks.registry import Variant, register


class GrayGoogLeNet(Network):
    """Five parts with the paper's nine inception blocks, global average, one layer."""

    def __init__(
        self, classes: int, in_channels: int, input_size: tuple[int, int]
    ) -> None:
        parts: OrderedDict[str, nn.Module] = OrderedDict()
        parts["part1"] = nn.Sequential(
            OrderedDict(
                conv=nn.Conv2d(in_channels, 64, 7, 2, 3),
                relu=nn.ReLU(),
                pool=nn.MaxPool2d(3, 2, 1),
            )
        )
        parts["part2"] = nn.Sequential(
            OrderedDict(
                conv1=nn.Conv2d(64, 64, 1),
                conv2=nn.Conv2d(64, 192, 3, padding=1),
                pool=nn.MaxPool2d(3, 2, 1),
            )
        )
        channels = 192
        for number in ("3", "4", "5"):
            blocks: OrderedDict[str, nn.Module] = OrderedDict()
            for name, widths in INCEPTIONS.items():
                if name.startswith(number):
                    blocks[f"inception{name}"] = inception(channels, widths)
                    channels = widths.total
            if number != "5":
                blocks["pool"] = nn.MaxPool2d(3, 2, 1)
            parts[f"part{number}"] = nn.Sequential(blocks)
        features = nn.Sequential(parts)
        sizes.map_size(first_path(features), input_size)
        super().__init__(features, class_head(channels, classes))


class MiniGoogLeNet(Network):
    """Two 5×5 convolutions with pooling, an inception block after each, one layer."""

    def __init__(
        self, features: nn.Sequential, classes: int, input_size: tuple[int, int]
    ) -> None:
        height, width = sizes.map_size(first_path(features), input_size)
        head = nn.Sequential(
            OrderedDict(
                flatten=nn.Flatten(), fc=nn.Linear(88 * height * width, classes)
            )
        )
        super().__init__(features, head)


def mini_inception(in_channels: int) -> Branches:
    """Tutorial 003: four branches without pooling, no activation within."""
    return Branches(
        {
            "branch1x1": nn.Conv2d(in_channels, 16, 1),
            "branch3x3": three_by_three(in_channels),
            "branch5x5": five_by_five(in_channels),
            "branch_wide": nn.Conv2d(in_channels, 24, 1),
        }
    )


def mini_inception_pool(in_channels: int) -> Branches:
    """Tutorial 002: the last branch averages 3×3 first, no activation within."""
    return Branches(
        {
            "branch1x1": nn.Conv2d(in_channels, 16, 1),
            "branch5x5": five_by_five(in_channels),
            "branch3x3": three_by_three(in_channels),
            "branch_pool": row(nn.AvgPool2d(3, 1, 1), nn.Conv2d(in_channels, 24, 1)),
        }
    )


def three_by_three(in_channels: int) -> nn.Sequential:
    """1×1 to 16 channels, two 3×3 of 24."""
    return row(
        nn.Conv2d(in_channels, 16, 1),
        nn.Conv2d(16, 24, 3, padding=1),
        nn.Conv2d(24, 24, 3, padding=1),
    )


def five_by_five(in_channels: int) -> nn.Sequential:
    """1×1 to 16 channels, 5×5 of 24."""
    return row(nn.Conv2d(in_channels, 16, 1), nn.Conv2d(16, 24, 5, padding=2))


def googlenet_gray(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> GrayGoogLeNet:
    """Tutorials 000 and 001; PyTorch's own initialisation, as there."""
    return GrayGoogLeNet(classes, in_channels, input_size)


def googlenet_mini(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> MiniGoogLeNet:
    """Tutorial 003, chapter 4; PyTorch's own initialisation, as there."""
    features = nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(in_channels, 10, 5),
            relu1=nn.ReLU(),
            pool1=nn.MaxPool2d(2, 2),
            inception1=mini_inception(10),
            conv2=nn.Conv2d(88, 20, 5),
            relu2=nn.ReLU(),
            pool2=nn.MaxPool2d(2, 2),
            inception2=mini_inception(20),
        )
    )
    return MiniGoogLeNet(features, classes, input_size)


def googlenet_mini_pool(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> MiniGoogLeNet:
    """Tutorial 002; PyTorch's own initialisation, as there."""
    features = nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(in_channels, 10, 5),
            pool1=nn.MaxPool2d(2),
            relu1=nn.ReLU(),
            inception1=mini_inception_pool(10),
            conv2=nn.Conv2d(88, 20, 5),
            pool2=nn.MaxPool2d(2),
            relu2=nn.ReLU(),
            inception2=mini_inception_pool(20),
        )
    )
    return MiniGoogLeNet(features, classes, input_size)


register(
    Variant(
        name="googlenet-gray",
        family="googlenet",
        title="Tutorials 000 and 001, GoogLeNet",
        year=2020,
        reference="tutorials 000 and 001, GoogLeNet",
        input=(1, 96, 96),
        classes=10,
        sizes="any",
        build=googlenet_gray,
    )
)
register(
    Variant(
        name="googlenet-mini",
        family="googlenet",
        title="Tutorial 003, GoogLeNet",
        year=2023,
        reference="tutorial 003, chapter 4",
        input=(1, 28, 28),
        classes=10,
        sizes="at least 16×16; the dense layer grows with the map",
        build=googlenet_mini,
    )
)
register(
    Variant(
        name="googlenet-mini-pool",
        family="googlenet",
        title="Tutorial 002, inception blocks with average pooling",
        year=2020,
        reference="tutorial 002, the advanced network",
        input=(1, 28, 28),
        classes=10,
        sizes="at least 16×16; the dense layer grows with the map",
        build=googlenet_mini_pool,
    )
)
