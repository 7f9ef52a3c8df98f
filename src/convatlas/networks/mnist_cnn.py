"""The small network of tutorial 002: two convolutions and one dense layer."""

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
