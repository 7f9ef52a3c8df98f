"""AlexNet."""

from collections import OrderedDict
from collections.abc import Mapping

from torch import nn

from convatlas.networks import sizes
from convatlas.networks.network import Network
from convatlas.networks.registry import Published, Variant, register


class GrayAlexNet(Network):
    """The one-column AlexNet of the tutorials, without normalisation.

    Args:
        padding: of the first convolution.
        hidden: how many dense layers of 4096 come before the last one.
        equal_convolution: whether the convolution 384→384 is there.
    """

    def __init__(
        self,
        classes: int,
        in_channels: int,
        input_size: tuple[int, int],
        padding: int,
        hidden: int,
        equal_convolution: bool,
    ) -> None:
        layers: OrderedDict[str, nn.Module] = OrderedDict(
            conv1=nn.Conv2d(in_channels, 96, 11, stride=4, padding=padding),
            relu1=nn.ReLU(),
            pool1=nn.MaxPool2d(3, 2),
            conv2=nn.Conv2d(96, 256, 5, padding=2),
            relu2=nn.ReLU(),
            pool2=nn.MaxPool2d(3, 2),
            conv3=nn.Conv2d(256, 384, 3, padding=1),
            relu3=nn.ReLU(),
        )
        if equal_convolution:
            layers["conv4"] = nn.Conv2d(384, 384, 3, padding=1)
            layers["relu4"] = nn.ReLU()
        layers["conv5"] = nn.Conv2d(384, 256, 3, padding=1)
        layers["relu5"] = nn.ReLU()
        layers["pool5"] = nn.MaxPool2d(3, 2)
        features = nn.Sequential(layers)

        height, width = sizes.map_size(sizes.chain(features), input_size)
        inputs = 256 * height * width
        dense: OrderedDict[str, nn.Module] = OrderedDict(flatten=nn.Flatten())
        for number in range(1, hidden + 1):
            dense[f"fc{number}"] = nn.Linear(inputs, 4096)
            dense[f"relu{number}"] = nn.ReLU()
            dense[f"dropout{number}"] = nn.Dropout(0.5)
            inputs = 4096
        dense[f"fc{hidden + 1}"] = nn.Linear(inputs, classes)
        super().__init__(features, nn.Sequential(dense))


class AlexNet(Network):
    """Krizhevsky et al. 2012: two halves that meet in the third convolution."""

    def __init__(
        self, classes: int, in_channels: int, input_size: tuple[int, int]
    ) -> None:
        features = nn.Sequential(
            OrderedDict(
                conv1=nn.Conv2d(in_channels, 96, 11, stride=4, padding=2),
                relu1=nn.ReLU(),
                norm1=_response_norm(),
                pool1=nn.MaxPool2d(3, 2),
                conv2=nn.Conv2d(96, 256, 5, padding=2, groups=2),
                relu2=nn.ReLU(),
                norm2=_response_norm(),
                pool2=nn.MaxPool2d(3, 2),
                conv3=nn.Conv2d(256, 384, 3, padding=1),
                relu3=nn.ReLU(),
                conv4=nn.Conv2d(384, 384, 3, padding=1, groups=2),
                relu4=nn.ReLU(),
                conv5=nn.Conv2d(384, 256, 3, padding=1, groups=2),
                relu5=nn.ReLU(),
                pool5=nn.MaxPool2d(3, 2),
            )
        )
        height, width = sizes.map_size(sizes.chain(features), input_size)
        head = nn.Sequential(
            OrderedDict(
                flatten=nn.Flatten(),
                fc6=nn.Linear(256 * height * width, 4096),
                relu6=nn.ReLU(),
                dropout6=nn.Dropout(0.5),
                fc7=nn.Linear(4096, 4096),
                relu7=nn.ReLU(),
                dropout7=nn.Dropout(0.5),
                fc8=nn.Linear(4096, classes),
            )
        )
        super().__init__(features, head)
        self._initialise()

    def _initialise(self) -> None:
        """Section 5: Gaussian of .01; biases 1 in layers 2, 4, 5 and the dense ones."""
        ones = ("conv2", "conv4", "conv5", "fc6", "fc7")
        for name, module in self.named_modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                nn.init.normal_(module.weight, std=0.01)
                if module.bias is not None:
                    nn.init.constant_(module.bias, float(name.endswith(ones)))


class OneColumnAlexNet(Network):
    """Krizhevsky 2014: one column, no response normalisation."""

    def __init__(
        self, classes: int, in_channels: int, input_size: tuple[int, int]
    ) -> None:
        features = nn.Sequential(
            OrderedDict(
                conv1=nn.Conv2d(in_channels, 64, 11, stride=4, padding=2),
                relu1=nn.ReLU(),
                pool1=nn.MaxPool2d(3, 2),
                conv2=nn.Conv2d(64, 192, 5, padding=2),
                relu2=nn.ReLU(),
                pool2=nn.MaxPool2d(3, 2),
                conv3=nn.Conv2d(192, 384, 3, padding=1),
                relu3=nn.ReLU(),
                conv4=nn.Conv2d(384, 256, 3, padding=1),
                relu4=nn.ReLU(),
                conv5=nn.Conv2d(256, 256, 3, padding=1),
                relu5=nn.ReLU(),
                pool5=nn.MaxPool2d(3, 2),
            )
        )
        height, width = sizes.map_size(sizes.chain(features), input_size)
        head = nn.Sequential(
            OrderedDict(
                flatten=nn.Flatten(),
                dropout6=nn.Dropout(0.5),
                fc6=nn.Linear(256 * height * width, 4096),
                relu6=nn.ReLU(),
                dropout7=nn.Dropout(0.5),
                fc7=nn.Linear(4096, 4096),
                relu7=nn.ReLU(),
                fc8=nn.Linear(4096, classes),
            )
        )
        super().__init__(features, head)


def _response_norm() -> nn.LocalResponseNorm:
    """Section 3.3: k = 2, n = 5, α = 10⁻⁴, β = .75; PyTorch divides its alpha by n."""
    return nn.LocalResponseNorm(5, alpha=5 * 1e-4, beta=0.75, k=2.0)


def alexnet_gray(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """Tutorial 003, table 3-1; PyTorch's own initialisation, as there."""
    return GrayAlexNet(classes, in_channels, input_size, 1, 2, True)


def alexnet_gray_unpadded(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """Tutorial 001, first row of its table of simplifications: ten outputs."""
    return GrayAlexNet(classes, in_channels, input_size, 0, 2, True)


def alexnet_gray_1fc(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """Tutorial 001 as printed, and (with ten classes) the second row of the table."""
    return GrayAlexNet(classes, in_channels, input_size, 0, 1, True)


def alexnet_gray_1fc_4conv(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """Tutorial 001, third row: the convolution with equal widths left out as well."""
    return GrayAlexNet(classes, in_channels, input_size, 0, 1, False)


def alexnet(*, classes: int, in_channels: int, input_size: tuple[int, int]) -> Network:
    """Krizhevsky et al. 2012."""
    return AlexNet(classes, in_channels, input_size)


def alexnet_owt(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """Krizhevsky 2014; PyTorch's own initialisation, as torchvision."""
    return OneColumnAlexNet(classes, in_channels, input_size)


def torchvision_names(network: Network) -> Mapping[str, str]:
    """Paths in the network by torchvision's, for ``alexnet-owt``."""
    indices = {1: 0, 2: 3, 3: 6, 4: 8, 5: 10}
    names = {f"features.{i}": f"features.conv{n}" for n, i in indices.items()}
    return names | {
        f"classifier.{i}": f"head.fc{n}" for n, i in ((6, 1), (7, 4), (8, 6))
    }


GROWS = "the first dense layer grows with the map"

register(
    Variant(
        name="alexnet-gray",
        family="alexnet",
        title="Tutorial 003, AlexNet for grey images",
        year=2023,
        reference="tutorial 003, table 3-1; Dive into Deep Learning, section 8.1",
        input=(1, 224, 224),
        classes=10,
        sizes=f"at least 61×61; {GROWS}",
        build=alexnet_gray,
    )
)
register(
    Variant(
        name="alexnet-gray-unpadded",
        family="alexnet",
        title="Tutorial 001, AlexNet with ten outputs",
        year=2020,
        reference="tutorial 001, table of simplifications, row 1",
        input=(1, 224, 224),
        classes=10,
        sizes=f"at least 63×63; {GROWS}",
        build=alexnet_gray_unpadded,
    )
)
register(
    Variant(
        name="alexnet-gray-1fc",
        family="alexnet",
        title="Tutorial 001, AlexNet with one hidden dense layer",
        year=2020,
        reference="tutorial 001, code; table of simplifications, row 2",
        input=(1, 224, 224),
        classes=1000,
        sizes=f"at least 63×63; {GROWS}",
        build=alexnet_gray_1fc,
    )
)
register(
    Variant(
        name="alexnet-gray-1fc-4conv",
        family="alexnet",
        title="Tutorial 001, AlexNet with four convolutions",
        year=2020,
        reference="tutorial 001, table of simplifications, row 3",
        input=(1, 224, 224),
        classes=10,
        sizes=f"at least 63×63; {GROWS}",
        build=alexnet_gray_1fc_4conv,
    )
)
register(
    Variant(
        name="alexnet",
        family="alexnet",
        title="ImageNet Classification with Deep Convolutional Neural Networks",
        year=2012,
        reference="Krizhevsky, Sutskever & Hinton, NIPS 2012, section 3.5, figure 2",
        input=(3, 224, 224),
        classes=1000,
        sizes=f"at least 63×63; {GROWS}",
        build=alexnet,
    )
)
register(
    Variant(
        name="alexnet-owt",
        family="alexnet",
        title="One weird trick for parallelizing convolutional neural networks",
        year=2014,
        reference="Krizhevsky, arXiv:1404.5997; torchvision's alexnet",
        input=(3, 224, 224),
        classes=1000,
        sizes=f"at least 63×63; {GROWS}",
        build=alexnet_owt,
        published={
            "imagenet": Published(
                "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth",
                torchvision_names,
            )
        },
    )
)
