"""VGG."""

from collections import OrderedDict
from collections.abc import Callable, Mapping

from torch import nn

from convatlas.networks import sizes
from convatlas.networks.init import initialise
from convatlas.networks.network import Network
from convatlas.networks.registry import Published, Variant, register

WIDTHS = (64, 128, 256, 512, 512)
GRAY = (1, 1, 2, 2, 2)  # convolutions of each block
A, B, D, E = GRAY, (2, 2, 2, 2, 2), (2, 2, 3, 3, 3), (2, 2, 4, 4, 4)  # table 1


class VGG(Network):
    """Five blocks of 3×3 convolutions, each halving the map, then three dense layers.

    Args:
        convolutions: how many in each block.
        norm: whether batch norm follows each convolution.
        divisor: every width but that of the classes is divided by it.
    """

    def __init__(
        self,
        classes: int,
        in_channels: int,
        input_size: tuple[int, int],
        convolutions: tuple[int, ...],
        norm: bool = False,
        divisor: int = 1,
    ) -> None:
        blocks: OrderedDict[str, nn.Module] = OrderedDict()
        channels = in_channels
        for number, (count, full_width) in enumerate(
            zip(convolutions, WIDTHS, strict=True), start=1
        ):
            width = full_width // divisor
            blocks[f"block{number}"] = block(count, channels, width, norm)
            channels = width
        features = nn.Sequential(blocks)

        height, width = sizes.map_size(sizes.chain(features), input_size)
        hidden = 4096 // divisor
        head = nn.Sequential(
            OrderedDict(
                flatten=nn.Flatten(),
                fc1=nn.Linear(channels * height * width, hidden),
                relu1=nn.ReLU(),
                dropout1=nn.Dropout(0.5),
                fc2=nn.Linear(hidden, hidden),
                relu2=nn.ReLU(),
                dropout2=nn.Dropout(0.5),
                fc3=nn.Linear(hidden, classes),
            )
        )
        super().__init__(features, head)


def block(count: int, in_channels: int, width: int, norm: bool) -> nn.Sequential:
    """Some 3×3 convolutions of one width, then 2×2 max pooling."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for number in range(1, count + 1):
        layers[f"conv{number}"] = nn.Conv2d(in_channels, width, 3, padding=1)
        if norm:
            layers[f"norm{number}"] = nn.BatchNorm2d(width)
        layers[f"relu{number}"] = nn.ReLU()
        in_channels = width
    layers["pool"] = nn.MaxPool2d(2, 2)
    return nn.Sequential(layers)


def vgg11_gray(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """Tutorials 000 and 001; PyTorch's own initialisation, as there."""
    return VGG(classes, in_channels, input_size, GRAY)


def vgg11_gray_small(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """The same, every width divided by 8."""
    return VGG(classes, in_channels, input_size, GRAY, divisor=8)


def paper_builder(convolutions: tuple[int, ...], norm: bool) -> Callable[..., Network]:
    """The builder of one column of table 1."""

    def build(
        *, classes: int, in_channels: int, input_size: tuple[int, int]
    ) -> Network:
        network = VGG(classes, in_channels, input_size, convolutions, norm)
        initialise(
            network, "xavier"
        )  # section 3.1, last sentence of the initialisation
        return network

    return build


def torchvision_names(network: Network) -> Mapping[str, str]:
    """Paths in the network by torchvision's, which numbers layers across the blocks."""
    layers = [
        f"features.{path}"
        for path, module in network.features.named_modules()
        if not list(module.children())
    ]
    names = {f"features.{index}": path for index, path in enumerate(layers)}
    return names | {
        f"classifier.{i}": f"head.fc{n}" for n, i in ((1, 0), (2, 3), (3, 6))
    }


def _register_published() -> None:
    files = {
        "vgg11": (A, "8a719046"),
        "vgg13": (B, "19584684"),
        "vgg16": (D, "397923af"),
        "vgg19": (E, "dcbb9e9d"),
        "vgg11-bn": (A, "6002323d"),
        "vgg13-bn": (B, "abd245e5"),
        "vgg16-bn": (D, "6c64b313"),
        "vgg19-bn": (E, "c79401a0"),
    }
    for name, (convolutions, digest) in files.items():
        norm = name.endswith("-bn")
        file = f"{name.replace('-', '_')}-{digest}.pth"
        register(
            Variant(
                name=name,
                family="vgg",
                title="Very Deep Convolutional Networks for Large-Scale Image "
                "Recognition",
                year=2014,
                reference="Simonyan & Zisserman, arXiv:1409.1556, table 1"
                + ("; batch norm as in torchvision" if norm else ""),
                input=(3, 224, 224),
                classes=1000,
                sizes="at least 32×32; the first dense layer grows with the map",
                build=paper_builder(convolutions, norm),
                published={
                    "imagenet": Published(
                        f"https://download.pytorch.org/models/{file}",
                        torchvision_names,
                    )
                },
            )
        )


register(
    Variant(
        name="vgg11-gray",
        family="vgg",
        title="Tutorials 000 and 001, VGG-11 for grey images",
        year=2020,
        reference="tutorial 001; Dive into Deep Learning, section 8.2",
        input=(1, 224, 224),
        classes=10,
        sizes="at least 32×32; the first dense layer grows with the map",
        build=vgg11_gray,
    )
)
register(
    Variant(
        name="vgg11-gray-small",
        family="vgg",
        title="VGG-11 for grey images, an eighth as wide",
        year=2020,
        reference="tutorial 001; Dive into Deep Learning, section 8.2",
        input=(1, 224, 224),
        classes=10,
        sizes="at least 32×32; the first dense layer grows with the map",
        build=vgg11_gray_small,
    )
)
_register_published()
