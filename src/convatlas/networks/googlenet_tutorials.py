"""GoogLeNet in the forms that the tutorials teach, for grey images.

Sources: ``googlenet-gray`` from tutorials 000 and 001 (Dive into Deep Learning, section
8.4); ``googlenet-mini`` from tutorial 003, chapter 4; ``googlenet-mini-pool`` from
tutorial 002. All after Szegedy et al., arXiv:1409.4842.

Input 1×96×96 (28×28 images enlarged) and 1×28×28, ten classes.

googlenet-gray, input 1×96×96
name                     operation              output  parameters         MACs  field
features.b1.conv         conv 1→64 k7 s2 p3   64×48×48       3,200    7,225,344      7
features.b1.pool         max 3/2 p1           64×24×24           0            0     11
features.b2.conv1        conv 64→64 k1        64×24×24       4,160    2,359,296     11
features.b2.conv2        conv 64→192 k3 p1   192×24×24     110,784   63,700,992     19
features.b2.pool         max 3/2 p1          192×12×12           0            0     27
features.b3.inception3a  -                   256×12×12     163,696   23,519,232     59
features.b3.inception3b  -                   480×12×12     388,736   55,885,824     91
features.b3.pool         max 3/2 p1            480×6×6           0            0    107
features.b4.inception4a  -                     512×6×6     376,176   13,519,872    171
features.b4.inception4b  -                     512×6×6     449,160   16,146,432    235
features.b4.inception4c  -                     512×6×6     510,104   18,339,840    299
features.b4.inception4d  -                     528×6×6     605,376   21,768,192    363
features.b4.inception4e  -                     832×6×6     868,352   31,223,808    427
features.b4.pool         max 3/2 p1            832×3×3           0            0    459
features.b5.inception5a  -                     832×3×3   1,043,456    9,381,888    587
features.b5.inception5b  -                    1024×3×3   1,444,080   12,985,344    715
head.pool                global avg           1024×1×1           0            0    all
head.fc                  fc 1024→10                 10      10,250       10,240    all
total                    -                          10   5,977,530  276,066,304      -

googlenet-mini, input 1×28×28
name                 operation        output  parameters       MACs  field
features.conv1       conv 1→10 k5   10×24×24         260    144,000      5
features.pool1       max 2/2        10×12×12           0          0      6
features.inception1  -              88×12×12      19,104  2,730,240     14
features.conv2       conv 88→20 k5    20×8×8      44,020  2,816,000     22
features.pool2       max 2/2          20×4×4           0          0     24
features.inception2  -                88×4×4      19,824    314,880     40
head.fc              fc 1408→10           10      14,090     14,080    all
total                -                    10      97,298  6,019,200      -

googlenet-mini-pool, input 1×28×28
name                 operation        output  parameters       MACs  field
features.conv1       conv 1→10 k5   10×24×24         260    144,000      5
features.pool1       max 2/2        10×12×12           0          0      6
features.inception1  -              88×12×12      19,104  2,730,240     14
features.conv2       conv 88→20 k5    20×8×8      44,020  2,816,000     22
features.pool2       max 2/2          20×4×4           0          0     24
features.inception2  -                88×4×4      19,824    314,880     40
head.fc              fc 1408→10           10      14,090     14,080    all
total                -                    10      97,298  6,019,200      -

Departures from the paper (the tutorials' own):
* googlenet-gray has the nine inception blocks of the paper, but neither local response
  normalisation nor auxiliary classifiers nor dropout, and, as tutorial 001 prints it,
  no ReLU in its second part. The tutorial's last part ends with the global average,
  which is the first layer of the head here.
* googlenet-mini and googlenet-mini-pool are small networks of their own around two
  blocks of 88 channels whose convolutions have no activations. In 003 the last branch
  is a 1×1 convolution alone, in 002 average pooling comes before it, as does max
  pooling before ReLU; 002 stacks its branches in another order and shows its code as
  pictures only.
"""

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
        parts["b1"] = nn.Sequential(
            OrderedDict(
                conv=nn.Conv2d(in_channels, 64, 7, 2, 3),
                relu=nn.ReLU(),
                pool=nn.MaxPool2d(3, 2, 1),
            )
        )
        parts["b2"] = nn.Sequential(
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
            parts[f"b{number}"] = nn.Sequential(blocks)
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
