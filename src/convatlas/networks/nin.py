"""Network in network."""

from collections import OrderedDict

from torch import nn

from convatlas.networks import sizes
from convatlas.networks.blocks import GlobalAveragePool
from convatlas.networks.network import Network
from convatlas.networks.registry import Variant, register


def block(
    in_channels: int,
    widths: tuple[int, int, int],
    kernel: int,
    stride: int = 1,
    padding: int = 0,
) -> nn.Sequential:
    """A convolution, then two of 1×1: a small dense network at every position.

    Args:
        widths: channels after each of the three.
        kernel: side of the first one.
    """
    first, second, third = widths
    return nn.Sequential(
        OrderedDict(
            conv=nn.Conv2d(in_channels, first, kernel, stride, padding),
            relu1=nn.ReLU(),
            mlp1=nn.Conv2d(first, second, 1),
            relu2=nn.ReLU(),
            mlp2=nn.Conv2d(second, third, 1),
            relu3=nn.ReLU(),
        )
    )


def class_block(mlp: nn.Sequential) -> nn.Sequential:
    """The head: a block with one channel a class, averaged over the whole map."""
    return nn.Sequential(
        OrderedDict(block=mlp, pool=GlobalAveragePool(), flatten=nn.Flatten())
    )


def nin_gray(*, classes: int, in_channels: int, input_size: tuple[int, int]) -> Network:
    """Tutorials 000 and 001; PyTorch's own initialisation, as there."""
    features = nn.Sequential(
        OrderedDict(
            block1=block(in_channels, (96, 96, 96), 11, stride=4),
            pool1=nn.MaxPool2d(3, 2),
            block2=block(96, (256, 256, 256), 5, padding=2),
            pool2=nn.MaxPool2d(3, 2),
            block3=block(256, (384, 384, 384), 3, padding=1),
            pool3=nn.MaxPool2d(3, 2),
            dropout=nn.Dropout(0.5),
        )
    )
    sizes.map_size(sizes.chain(features), input_size)
    head = class_block(block(384, (classes, classes, classes), 3, padding=1))
    return Network(features, head)


def nin_cifar10(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """The network that the authors published for CIFAR-10."""
    features = nn.Sequential(
        OrderedDict(
            block1=block(in_channels, (192, 160, 96), 5, padding=2),
            pool1=nn.MaxPool2d(3, 2, ceil_mode=True),
            dropout1=nn.Dropout(0.5),
            block2=block(96, (192, 192, 192), 5, padding=2),
            pool2=nn.AvgPool2d(3, 2, ceil_mode=True),
            dropout2=nn.Dropout(0.5),
        )
    )
    sizes.map_size(sizes.chain(features), input_size)
    network = Network(
        features, class_block(block(192, (192, 192, classes), 3, padding=1))
    )
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            _gaussian(module, 0.05)  # the authors' definition, every layer
    return network


def nin_imagenet(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """The network that the authors published for ImageNet."""
    features = nn.Sequential(
        OrderedDict(
            block1=block(in_channels, (96, 96, 96), 11, stride=4),
            pool1=nn.MaxPool2d(3, 2, ceil_mode=True),
            block2=block(96, (256, 256, 256), 5, padding=2),
            pool2=nn.MaxPool2d(3, 2, ceil_mode=True),
            block3=block(256, (384, 384, 384), 3, padding=1),
            pool3=nn.MaxPool2d(3, 2, ceil_mode=True),
            dropout=nn.Dropout(0.5),
        )
    )
    sizes.map_size(sizes.chain(features), input_size)
    network = Network(
        features, class_block(block(384, (1024, 1024, classes), 3, padding=1))
    )
    narrow = ("features.block1.conv", "features.block3.conv", "head.block.mlp2")
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d):  # the authors' definition
            _gaussian(module, 0.01 if name in narrow else 0.05)
    return network


def _gaussian(layer: nn.Conv2d, std: float) -> None:
    nn.init.normal_(layer.weight, std=std)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)


register(
    Variant(
        name="nin-gray",
        family="nin",
        title="Tutorials 000 and 001, network in network for grey images",
        year=2020,
        reference="tutorial 001; Dive into Deep Learning, section 8.3",
        input=(1, 224, 224),
        classes=10,
        sizes="at least 63×63",
        build=nin_gray,
    )
)
register(
    Variant(
        name="nin-cifar10",
        family="nin",
        title="Network In Network",
        year=2013,
        reference="Lin, Chen & Yan, arXiv:1312.4400, section 4.2; the authors' "
        "definition",
        input=(3, 32, 32),
        classes=10,
        sizes="any",
        build=nin_cifar10,
    )
)
register(
    Variant(
        name="nin-imagenet",
        family="nin",
        title="Network In Network",
        year=2013,
        reference="Lin, Chen & Yan, arXiv:1312.4400; the authors' definition for "
        "ImageNet",
        input=(3, 224, 224),
        classes=1000,
        sizes="at least 51×51",
        build=nin_imagenet,
    )
)
