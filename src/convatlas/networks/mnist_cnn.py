"""The small network of tutorial 002: two convolutions and one dense layer.

Source: tutorial 002, section "code example". Input 1×28×28, ten classes.

mnist-cnn, input 1×28×28
name            operation        output  parameters     MACs  field
features.conv1  conv 1→10 k5   10×24×24         260  144,000      5
features.pool1  max 2/2        10×12×12           0        0      6
features.relu1  relu           10×12×12           0        0      6
features.conv2  conv 10→20 k5    20×8×8       5,020  320,000     14
features.pool2  max 2/2          20×4×4           0        0     16
features.relu2  relu             20×4×4           0        0     16
head.flatten    flatten             320           0        0     16
head.fc         fc 320→10            10       3,210    3,200    all
total           -                    10       8,490  467,200      -

Departures from the tutorial: it writes one pooling and one ReLU and calls them twice;
here each use is a module of its own, and the result is the same.
"""

from collections import OrderedDict

from torch import nn

from convatlas.networks import sizes
from convatlas.networks.network import Network
from convatlas.networks.registry import Variant, register


class MnistCnn(Network):
    """Convolution, max pooling, ReLU, twice, then one dense layer."""

    def __init__(
        self, classes: int, in_channels: int, input_size: tuple[int, int]
    ) -> None:
        features = nn.Sequential(
            OrderedDict(
                conv1=nn.Conv2d(in_channels, 10, 5),
                pool1=nn.MaxPool2d(2),
                relu1=nn.ReLU(),
                conv2=nn.Conv2d(10, 20, 5),
                pool2=nn.MaxPool2d(2),
                relu2=nn.ReLU(),
            )
        )
        height, width = sizes.map_size(sizes.chain(features), input_size)
        head = nn.Sequential(
            OrderedDict(
                flatten=nn.Flatten(),
                fc=nn.Linear(20 * height * width, classes),
            )
        )
        super().__init__(features, head)


def mnist_cnn(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """Tutorial 002; PyTorch's own initialisation, as there."""
    return MnistCnn(classes, in_channels, input_size)


register(
    Variant(
        name="mnist-cnn",
        family="mnist_cnn",
        title="Tutorial 002, a convolutional network for MNIST",
        year=2020,
        reference="tutorial 002",
        input=(1, 28, 28),
        classes=10,
        sizes="at least 16×16; the dense layer grows with the map",
        build=mnist_cnn,
    )
)
