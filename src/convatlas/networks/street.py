"""The tutorials' networks for house numbers."""

from collections import OrderedDict

from torch import nn

from convatlas.networks import sizes
from convatlas.networks.heads import DigitHead
from convatlas.networks.network import Network
from convatlas.networks.registry import Variant, register


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
