"""VGG.

Source: Simonyan & Zisserman, "Very Deep Convolutional Networks for Large-Scale Image
Recognition", arXiv:1409.1556 (2014), table 1, columns A (``vgg11``), B (``vgg13``), D
(``vgg16``) and E (``vgg19``); ``-bn`` as torchvision has them, with batch norm after
every convolution. Input 3×224×224, 1000 classes.

vgg11, input 3×224×224
name             operation          output   parameters           MACs  field
features.block1  -              64×112×112        1,792     86,704,128      4
features.block2  -               128×56×56       73,856    924,844,032     10
features.block3  -               256×28×28      885,248  2,774,532,096     30
features.block4  -               512×14×14    3,539,968  2,774,532,096     70
features.block5  -                 512×7×7    4,719,616    924,844,032    150
head.fc1         fc 25088→4096        4096  102,764,544    102,760,448    all
head.fc2         fc 4096→4096         4096   16,781,312     16,777,216    all
head.fc3         fc 4096→1000         1000    4,097,000      4,096,000    all
total            -                    1000  132,863,336  7,609,090,048      -

vgg13, input 3×224×224
name             operation          output   parameters            MACs  field
features.block1  -              64×112×112       38,720   1,936,392,192      6
features.block2  -               128×56×56      221,440   2,774,532,096     16
features.block3  -               256×28×28      885,248   2,774,532,096     36
features.block4  -               512×14×14    3,539,968   2,774,532,096     76
features.block5  -                 512×7×7    4,719,616     924,844,032    156
head.fc1         fc 25088→4096        4096  102,764,544     102,760,448    all
head.fc2         fc 4096→4096         4096   16,781,312      16,777,216    all
head.fc3         fc 4096→1000         1000    4,097,000       4,096,000    all
total            -                    1000  133,047,848  11,308,466,176      -

vgg16, input 3×224×224
name             operation          output   parameters            MACs  field
features.block1  -              64×112×112       38,720   1,936,392,192      6
features.block2  -               128×56×56      221,440   2,774,532,096     16
features.block3  -               256×28×28    1,475,328   4,624,220,160     44
features.block4  -               512×14×14    5,899,776   4,624,220,160    100
features.block5  -                 512×7×7    7,079,424   1,387,266,048    212
head.fc1         fc 25088→4096        4096  102,764,544     102,760,448    all
head.fc2         fc 4096→4096         4096   16,781,312      16,777,216    all
head.fc3         fc 4096→1000         1000    4,097,000       4,096,000    all
total            -                    1000  138,357,544  15,470,264,320      -

vgg19, input 3×224×224
name             operation          output   parameters            MACs  field
features.block1  -              64×112×112       38,720   1,936,392,192      6
features.block2  -               128×56×56      221,440   2,774,532,096     16
features.block3  -               256×28×28    2,065,408   6,473,908,224     52
features.block4  -               512×14×14    8,259,584   6,473,908,224    124
features.block5  -                 512×7×7    9,439,232   1,849,688,064    268
head.fc1         fc 25088→4096        4096  102,764,544     102,760,448    all
head.fc2         fc 4096→4096         4096   16,781,312      16,777,216    all
head.fc3         fc 4096→1000         1000    4,097,000       4,096,000    all
total            -                    1000  143,667,240  19,632,062,464      -

vgg11-bn, input 3×224×224
name             operation          output   parameters           MACs  field
features.block1  -              64×112×112        1,920     86,704,128      4
features.block2  -               128×56×56       74,112    924,844,032     10
features.block3  -               256×28×28      886,272  2,774,532,096     30
features.block4  -               512×14×14    3,542,016  2,774,532,096     70
features.block5  -                 512×7×7    4,721,664    924,844,032    150
head.fc1         fc 25088→4096        4096  102,764,544    102,760,448    all
head.fc2         fc 4096→4096         4096   16,781,312     16,777,216    all
head.fc3         fc 4096→1000         1000    4,097,000      4,096,000    all
total            -                    1000  132,868,840  7,609,090,048      -

vgg13-bn, input 3×224×224
name             operation          output   parameters            MACs  field
features.block1  -              64×112×112       38,976   1,936,392,192      6
features.block2  -               128×56×56      221,952   2,774,532,096     16
features.block3  -               256×28×28      886,272   2,774,532,096     36
features.block4  -               512×14×14    3,542,016   2,774,532,096     76
features.block5  -                 512×7×7    4,721,664     924,844,032    156
head.fc1         fc 25088→4096        4096  102,764,544     102,760,448    all
head.fc2         fc 4096→4096         4096   16,781,312      16,777,216    all
head.fc3         fc 4096→1000         1000    4,097,000       4,096,000    all
total            -                    1000  133,053,736  11,308,466,176      -

vgg16-bn, input 3×224×224
name             operation          output   parameters            MACs  field
features.block1  -              64×112×112       38,976   1,936,392,192      6
features.block2  -               128×56×56      221,952   2,774,532,096     16
features.block3  -               256×28×28    1,476,864   4,624,220,160     44
features.block4  -               512×14×14    5,902,848   4,624,220,160    100
features.block5  -                 512×7×7    7,082,496   1,387,266,048    212
head.fc1         fc 25088→4096        4096  102,764,544     102,760,448    all
head.fc2         fc 4096→4096         4096   16,781,312      16,777,216    all
head.fc3         fc 4096→1000         1000    4,097,000       4,096,000    all
total            -                    1000  138,365,992  15,470,264,320      -

vgg19-bn, input 3×224×224
name             operation          output   parameters            MACs  field
features.block1  -              64×112×112       38,976   1,936,392,192      6
features.block2  -               128×56×56      221,952   2,774,532,096     16
features.block3  -               256×28×28    2,067,456   6,473,908,224     52
features.block4  -               512×14×14    8,263,680   6,473,908,224    124
features.block5  -                 512×7×7    9,443,328   1,849,688,064    268
head.fc1         fc 25088→4096        4096  102,764,544     102,760,448    all
head.fc2         fc 4096→4096         4096   16,781,312      16,777,216    all
head.fc3         fc 4096→1000         1000    4,097,000       4,096,000    all
total            -                    1000  143,678,248  19,632,062,464      -

Departures from the paper:
* All columns start from Glorot's random weights, which section 3.1 names as enough; the
  networks of the paper's contest started from a trained column A.
* The last map goes to the dense layer as it is; torchvision first resizes other sizes
  to 7×7.
* Batch norm is younger than the paper.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping

from torch import nn

from convatlas.networks import sizes
from convatlas.networks.init import initialise
from convatlas.networks.network import Network
from convatlas.networks.registry import Published, Variant, register

WIDTHS = (64, 128, 256, 512, 512)
# convolutions of each block, by the column of table 1
A = (1, 1, 2, 2, 2)
B = (2, 2, 2, 2, 2)
D = (2, 2, 3, 3, 3)
E = (2, 2, 4, 4, 4)


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


_register_published()
