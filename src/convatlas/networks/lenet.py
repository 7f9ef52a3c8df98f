"""LeNet-5 in the forms that the tutorials teach.

Sources: tutorials 000, 001 and 003 (table 2-1); 001 is the LeNet of Dive into Deep
Learning, section 7.6. The LeNet-5 of 1998 is another network: see ``lenet_1998``.

Input 1×28×28, ten classes. All three have 61,706 parameters: a convolution of a 5×5 map
is a dense layer, so 003 writes as ``conv3`` what 000 and 001 write as ``fc1``.

lenet5-tanh, input 1×28×28
name            operation         output  parameters     MACs  field
features.conv1  conv 1→6 k5 p2   6×28×28         156  117,600      5
features.act1   tanh             6×28×28           0        0      5
features.pool1  avg 2/2          6×14×14           0        0      6
features.conv2  conv 6→16 k5    16×10×10       2,416  240,000     14
features.act2   tanh            16×10×10           0        0     14
features.pool2  avg 2/2           16×5×5           0        0     16
features.conv3  conv 16→120 k5   120×1×1      48,120   48,000     32
features.act3   tanh             120×1×1           0        0     32
head.flatten    flatten              120           0        0    all
head.fc1        fc 120→84             84      10,164   10,080    all
head.act1       tanh                  84           0        0    all
head.fc2        fc 84→10              10         850      840    all
total           -                     10      61,706  416,520      -

lenet5-sigmoid, input 1×28×28
name            operation         output  parameters     MACs  field
features.conv1  conv 1→6 k5 p2   6×28×28         156  117,600      5
features.act1   sigmoid          6×28×28           0        0      5
features.pool1  avg 2/2          6×14×14           0        0      6
features.conv2  conv 6→16 k5    16×10×10       2,416  240,000     14
features.act2   sigmoid         16×10×10           0        0     14
features.pool2  avg 2/2           16×5×5           0        0     16
head.flatten    flatten              400           0        0     16
head.fc1        fc 400→120           120      48,120   48,000    all
head.act1       sigmoid              120           0        0    all
head.fc2        fc 120→84             84      10,164   10,080    all
head.act2       sigmoid               84           0        0    all
head.fc3        fc 84→10              10         850      840    all
total           -                     10      61,706  416,520      -

lenet5-maxpool, input 1×28×28
name            operation         output  parameters     MACs  field
features.conv1  conv 1→6 k5 p2   6×28×28         156  117,600      5
features.act1   sigmoid          6×28×28           0        0      5
features.pool1  max 2/2          6×14×14           0        0      6
features.conv2  conv 6→16 k5    16×10×10       2,416  240,000     14
features.act2   sigmoid         16×10×10           0        0     14
features.pool2  max 2/2           16×5×5           0        0     16
head.flatten    flatten              400           0        0     16
head.fc1        fc 400→120           120      48,120   48,000    all
head.act1       sigmoid              120           0        0    all
head.fc2        fc 120→84             84      10,164   10,080    all
head.act2       sigmoid               84           0        0    all
head.fc3        fc 84→10              10         850      840    all
total           -                     10      61,706  416,520      -

Departures from the sources: none in the layers. 000 describes its network in words and
shows a figure with 32×32 images; ``lenet5-maxpool`` takes these as well and then leaves
the padding out, so that every map keeps its size.
"""

from collections import OrderedDict
from collections.abc import Callable

from torch import nn

from convatlas.networks import sizes
from convatlas.networks.init import initialise
from convatlas.networks.network import Network
from convatlas.networks.registry import Variant, register


class DenseLeNet(Network):
    """Two convolutions, two poolings and three dense layers.

    Args:
        padding: of the first convolution.
        activation: after each convolution and hidden dense layer.
        pool: makes the pooling layers from window and stride.
    """

    def __init__(
        self,
        classes: int,
        in_channels: int,
        input_size: tuple[int, int],
        padding: int,
        activation: Callable[[], nn.Module],
        pool: Callable[[int, int], nn.Module],
    ) -> None:
        features = nn.Sequential(
            OrderedDict(
                conv1=nn.Conv2d(in_channels, 6, 5, padding=padding),
                act1=activation(),
                pool1=pool(2, 2),
                conv2=nn.Conv2d(6, 16, 5),
                act2=activation(),
                pool2=pool(2, 2),
            )
        )
        height, width = sizes.map_size(sizes.chain(features), input_size)
        head = nn.Sequential(
            OrderedDict(
                flatten=nn.Flatten(),
                fc1=nn.Linear(16 * height * width, 120),
                act1=activation(),
                fc2=nn.Linear(120, 84),
                act2=activation(),
                fc3=nn.Linear(84, classes),
            )
        )
        super().__init__(features, head)


class TanhLeNet(Network):
    """Three convolutions with tanh, so that the first dense layer is a convolution."""

    def __init__(
        self, classes: int, in_channels: int, input_size: tuple[int, int]
    ) -> None:
        features = nn.Sequential(
            OrderedDict(
                conv1=nn.Conv2d(in_channels, 6, 5, padding=2),
                act1=nn.Tanh(),
                pool1=nn.AvgPool2d(2, 2),
                conv2=nn.Conv2d(6, 16, 5),
                act2=nn.Tanh(),
                pool2=nn.AvgPool2d(2, 2),
                conv3=nn.Conv2d(16, 120, 5),
                act3=nn.Tanh(),
            )
        )
        height, width = sizes.map_size(sizes.chain(features), input_size)
        head = nn.Sequential(
            OrderedDict(
                flatten=nn.Flatten(),
                fc1=nn.Linear(120 * height * width, 84),
                act1=nn.Tanh(),
                fc2=nn.Linear(84, classes),
            )
        )
        super().__init__(features, head)


def lenet5_tanh(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """Tutorial 003, table 2-1; PyTorch's own initialisation, as there."""
    return TanhLeNet(classes, in_channels, input_size)


def lenet5_sigmoid(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """Tutorial 001 and Dive into Deep Learning, section 7.6."""
    network = DenseLeNet(classes, in_channels, input_size, 2, nn.Sigmoid, nn.AvgPool2d)
    initialise(network, "xavier")  # d2l 7.6.2; a sigmoid net stays at chance otherwise
    return network


def lenet5_maxpool(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """Tutorial 000; 28×28 images are padded to 32×32, the size in its figure."""
    sizes.require_size(input_size, [(28, 28), (32, 32)], "features.conv1")
    padding = 2 if input_size == (28, 28) else 0
    network = DenseLeNet(
        classes, in_channels, input_size, padding, nn.Sigmoid, nn.MaxPool2d
    )
    initialise(network, "xavier")  # as lenet5-sigmoid; the tutorial does not say
    return network


register(
    Variant(
        name="lenet5-tanh",
        family="lenet",
        title="Tutorial 003, LeNet-5",
        year=2023,
        reference="tutorial 003, table 2-1",
        input=(1, 28, 28),
        classes=10,
        sizes="at least 28×28; the first dense layer grows with the map",
        build=lenet5_tanh,
    )
)
register(
    Variant(
        name="lenet5-sigmoid",
        family="lenet",
        title="Tutorial 001, LeNet",
        year=2020,
        reference="tutorial 001; Dive into Deep Learning, section 7.6",
        input=(1, 28, 28),
        classes=10,
        sizes="at least 12×12; the first dense layer grows with the map",
        build=lenet5_sigmoid,
    )
)
register(
    Variant(
        name="lenet5-maxpool",
        family="lenet",
        title="Tutorial 000, LeNet-5 with max pooling",
        year=2020,
        reference="tutorial 000, LeNet-5",
        input=(1, 28, 28),
        classes=10,
        sizes="28×28 (padded by 2) or 32×32",
        build=lenet5_maxpool,
    )
)
