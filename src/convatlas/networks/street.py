"""The tutorials' networks for house numbers."""

from collections import OrderedDict
from collections.abc import Mapping

from torch import nn

from convatlas.networks import resnet, sizes
from convatlas.networks.heads import DigitHead
from convatlas.networks.network import Network
from convatlas.networks.registry import Published, Variant, find, register
from convatlas.networks.resnet_blocks import basic, bottleneck


class StreetCnn(Network):
    """Two convolutions with stride 2, each with ReLU and max pooling, and digit heads.

    Args:
        digits: how many heads look at the flattened map.
    """

    def __init__(
        self,
        classes: int,
        in_channels: int,
        input_size: tuple[int, int],
        digits: int,
    ) -> None:
        features = nn.Sequential(
            OrderedDict(
                conv1=nn.Conv2d(in_channels, 16, 3, stride=2),
                relu1=nn.ReLU(),
                pool1=nn.MaxPool2d(2),
                conv2=nn.Conv2d(16, 32, 3, stride=2),
                relu2=nn.ReLU(),
                pool2=nn.MaxPool2d(2),
            )
        )
        height, width = sizes.map_size(sizes.chain(features), input_size)
        super().__init__(features, DigitHead((32, height, width), digits, classes))


def street_cnn(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """Tutorial 000, section 4.1; PyTorch's own initialisation, as there."""
    return StreetCnn(classes, in_channels, input_size, digits=5)


def street_cnn_6(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """Tutorial 001; PyTorch's own initialisation, as there."""
    return StreetCnn(classes, in_channels, input_size, digits=6)


def street_resnet18(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """Tutorial 000, section 4.2: ResNet-18, global average, five heads 512→11."""
    stem = resnet.imagenet_stem(in_channels)
    widths = resnet.BASIC_WIDTHS
    trunk = resnet.ResNet(stem, basic, widths, (2, 2, 2, 2), classes, input_size)
    return _with_digits(trunk, widths[-1], classes)


def street_resnet50(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """Tutorial 001: ResNet-50, global average, five heads 2048→11."""
    stem = resnet.imagenet_stem(in_channels)
    widths = resnet.BOTTLENECK_WIDTHS
    trunk = resnet.ResNet(stem, bottleneck, widths, (3, 4, 6, 3), classes, input_size)
    return _with_digits(trunk, widths[-1], classes)


def _with_digits(trunk: Network, channels: int, classes: int) -> Network:
    head = DigitHead((channels, 1, 1), digits=5, classes=classes, keep="channels")
    return Network(trunk.features, head)


def trunk_names(network: Network) -> Mapping[str, str]:
    """Paths of the trunk's modules by torchvision's; the heads start anew."""
    names = resnet.torchvision_names(network)
    return {theirs: own for theirs, own in names.items() if theirs != "fc"}


def _trunk_weights(name: str) -> dict[str, Published]:
    return {
        weights: Published(published.url, trunk_names, published.mean, published.std)
        for weights, published in find(name).published.items()
    }


register(
    Variant(
        name="street-cnn",
        family="street",
        title="Tutorial 000, house numbers with five heads",
        year=2020,
        reference="tutorial 000, section 4.1",
        input=(3, 64, 128),
        classes=11,
        sizes="at least 19×19; the heads grow with the map",
        build=street_cnn,
    )
)
register(
    Variant(
        name="street-cnn-6",
        family="street",
        title="Tutorial 001, house numbers with six heads",
        year=2020,
        reference="tutorial 001",
        input=(3, 64, 128),
        classes=11,
        sizes="at least 19×19; the heads grow with the map",
        build=street_cnn_6,
    )
)
register(
    Variant(
        name="street-resnet18",
        family="street",
        title="Tutorial 000, house numbers with a pre-trained ResNet-18",
        year=2020,
        reference="tutorial 000, section 4.2",
        input=(3, 64, 128),
        classes=11,
        sizes="any",
        build=street_resnet18,
        published=_trunk_weights("resnet18"),
    )
)
register(
    Variant(
        name="street-resnet50",
        family="street",
        title="Tutorial 001, house numbers with a pre-trained ResNet-50",
        year=2020,
        reference="tutorial 001",
        input=(3, 64, 128),
        classes=11,
        sizes="any",
        build=street_resnet50,
        published=_trunk_weights("resnet50"),
    )
)
