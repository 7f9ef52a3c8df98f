"""Which network grew out of which: the family tree of the atlas.

A family begins with one network, which took its ideas from networks of older families;
``took`` says what, and where its authors say so. The rest of a family grew out of that
first one, unless another is named here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from convatlas.networks.registry import find

NONE: Mapping[str, tuple[str, ...]] = MappingProxyType({})


@dataclass(frozen=True)
class Family:
    """Where a family comes from.

    Attributes:
        first: the network that it began with.
        parents: networks of other families that the first one grew out of.
        took: what it took from them and added, and where that is said.
        grew: parents of the networks that did not grow out of the first one alone.
    """

    first: str
    parents: tuple[str, ...]
    took: str
    grew: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: NONE)


def _chain(*names: str) -> dict[str, tuple[str, ...]]:
    """Each grew out of the one before it."""
    return {b: (a,) for a, b in zip(names, names[1:], strict=False)}


FAMILIES: dict[str, Family] = {
    "lenet": Family(
        "lenet5",
        (),
        "convolution, sub-sampling and dense layers, trained by back-propagation "
        "(LeCun et al. 1998)",
    ),
    "alexnet": Family(
        "alexnet",
        ("lenet5",),
        "the layers of LeNet, more and wider ones, with ReLU, overlapping pooling and "
        "dropout, on two GPUs (Krizhevsky et al. 2012, section 3)",
        _chain("alexnet-gray-unpadded", "alexnet-gray-1fc", "alexnet-gray-1fc-4conv"),
    ),
    "goodfellow": Family(
        "goodfellow11",
        ("alexnet",),
        "a deep stack of convolutions, under one head for the length and one for each "
        "digit (arXiv:1312.6082, section 3)",
    ),
    "nin": Family(
        "nin-cifar10",
        ("alexnet",),
        "convolution, pooling and dropout, with 1×1 layers after each convolution and "
        "a global average in the place of dense layers (arXiv:1312.4400, section 3)",
        _chain("nin-cifar10", "nin-imagenet", "nin-gray"),
    ),
    "vgg": Family(
        "vgg11",
        ("alexnet",),
        "the same principles, with nothing but 3×3 convolutions and more of them "
        "(arXiv:1409.1556, section 2)",
        _chain("vgg11", "vgg13", "vgg16", "vgg19")
        | {f"vgg{depth}-bn": (f"vgg{depth}",) for depth in (11, 13, 16, 19)}
        | _chain("vgg11", "vgg11-gray", "vgg11-gray-small"),
    ),
    "googlenet": Family(
        "googlenet",
        ("nin-imagenet",),
        "1×1 convolutions and the global average of network in network, in parallel "
        "branches of several sizes (arXiv:1409.4842, sections 2 and 4)",
        _chain("googlenet", "googlenet-bn", "googlenet-tv")
        | _chain("googlenet", "googlenet-mini-pool", "googlenet-mini"),
    ),
    "inception_v3": Family(
        "inception-v3",
        ("googlenet-bn",),
        "inception with its convolutions factorised into smaller and lopsided ones "
        "(arXiv:1512.00567, sections 3 and 6)",
    ),
    "resnet": Family(
        "resnet18",
        ("vgg19",),
        "the 3×3 layers of VGG and the batch norm of Inception, with a shortcut around "
        "every block (arXiv:1512.03385, section 3.3)",
        _chain("resnet18", "resnet34", "resnet50-v1", "resnet101-v1", "resnet152-v1")
        | {f"resnet{depth}": (f"resnet{depth}-v1",) for depth in (50, 101, 152)}
        | _chain("resnet18", "resnet20", "resnet32", "resnet44", "resnet56")
        | _chain("resnet56", "resnet110"),
    ),
    "preact_resnet": Family(
        "preact-resnet18",
        ("resnet18",),
        "residual blocks with batch norm and ReLU before the convolutions, so that the "
        "shortcut stays clean (arXiv:1603.05027, section 3)",
        {
            "preact-resnet50": ("preact-resnet18", "resnet50-v1"),
            "preact-resnet110": ("preact-resnet18", "resnet110"),
        },
    ),
    "inception_v4": Family(
        "inception-v4",
        ("inception-v3",),
        "inception blocks made uniform and more of them (arXiv:1602.07261, section 3)",
    ),
    "inception_resnet": Family(
        "inception-resnet-v2",
        ("inception-v3", "resnet101-v1"),
        "inception blocks with residual shortcuts (arXiv:1602.07261, section 3.2)",
    ),
    "densenet": Family(
        "densenet121",
        ("resnet50-v1",),
        "shortcuts to all later layers, joined by concatenation in the place of the "
        "sum (arXiv:1608.06993, section 3)",
        _chain("densenet121", "densenet169", "densenet201"),
    ),
    "mnist_cnn": Family(
        "mnist-cnn",
        ("lenet5",),
        "two convolutions with max pooling and ReLU, one dense layer (tutorial 002)",
    ),
    "street": Family(
        "street-cnn",
        ("goodfellow11",),
        "a head for each digit, over a network as small as LeNet (tutorial 000)",
        _chain("street-cnn", "street-cnn-6")
        | {f"street-resnet{depth}": (f"resnet{depth}",) for depth in (18, 50)},
    ),
    "number_reader": Family(
        "street-finder",
        ("resnet18",),
        "small residual trunks that keep their maps wide, one to find a number, one to "
        "read it (networks/number_reader.py)",
        {"street-reader": ("resnet18", "goodfellow11")},
    ),
}


def parents_of(name: str) -> tuple[str, ...]:
    """The networks that a network grew out of; none for the first of all.

    Raises:
        UnknownName: no such network.
    """
    variant = find(name)
    family = FAMILIES[variant.family]
    if variant.name == family.first:
        return family.parents
    return family.grew.get(variant.name, (family.first,))
