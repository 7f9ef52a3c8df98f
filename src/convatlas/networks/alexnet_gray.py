"""AlexNet for grey images, as the tutorials simplify it.

Sources: tutorial 003, table 3-1, and 004 (the AlexNet of Dive into Deep Learning,
section 8.1); tutorial 001, its code and its table of simplifications.

Input 1×224×224 (28×28 images enlarged), ten classes; 001 prints 1000. The rows of 001's
table: ``alexnet-gray-unpadded`` is the first (output 1000→10), ``alexnet-gray-1fc``
with ten classes the second, ``alexnet-gray-1fc-4conv`` the third; the last two rows
change the learning rate only.

alexnet-gray, input 1×224×224
name            operation               output  parameters         MACs  field
features.conv1  conv 1→96 k11 s4 p1   96×54×54      11,712   33,872,256     11
features.pool1  max 3/2               96×26×26           0            0     19
features.conv2  conv 96→256 k5 p2    256×26×26     614,656  415,334,400     51
features.pool2  max 3/2              256×12×12           0            0     67
features.conv3  conv 256→384 k3 p1   384×12×12     885,120  127,401,984     99
features.conv4  conv 384→384 k3 p1   384×12×12   1,327,488  191,102,976    131
features.conv5  conv 384→256 k3 p1   256×12×12     884,992  127,401,984    163
features.pool5  max 3/2                256×5×5           0            0    195
head.fc1        fc 6400→4096              4096  26,218,496   26,214,400    all
head.fc2        fc 4096→4096              4096  16,781,312   16,777,216    all
head.fc3        fc 4096→10                  10      40,970       40,960    all
total           -                           10  46,764,746  938,146,176      -

alexnet-gray-unpadded, input 1×224×224
name            operation              output  parameters         MACs  field
features.conv1  conv 1→96 k11 s4     96×54×54      11,712   33,872,256     11
features.pool1  max 3/2              96×26×26           0            0     19
features.conv2  conv 96→256 k5 p2   256×26×26     614,656  415,334,400     51
features.pool2  max 3/2             256×12×12           0            0     67
features.conv3  conv 256→384 k3 p1  384×12×12     885,120  127,401,984     99
features.conv4  conv 384→384 k3 p1  384×12×12   1,327,488  191,102,976    131
features.conv5  conv 384→256 k3 p1  256×12×12     884,992  127,401,984    163
features.pool5  max 3/2               256×5×5           0            0    195
head.fc1        fc 6400→4096             4096  26,218,496   26,214,400    all
head.fc2        fc 4096→4096             4096  16,781,312   16,777,216    all
head.fc3        fc 4096→10                 10      40,970       40,960    all
total           -                          10  46,764,746  938,146,176      -

alexnet-gray-1fc, input 1×224×224
name            operation              output  parameters         MACs  field
features.conv1  conv 1→96 k11 s4     96×54×54      11,712   33,872,256     11
features.pool1  max 3/2              96×26×26           0            0     19
features.conv2  conv 96→256 k5 p2   256×26×26     614,656  415,334,400     51
features.pool2  max 3/2             256×12×12           0            0     67
features.conv3  conv 256→384 k3 p1  384×12×12     885,120  127,401,984     99
features.conv4  conv 384→384 k3 p1  384×12×12   1,327,488  191,102,976    131
features.conv5  conv 384→256 k3 p1  256×12×12     884,992  127,401,984    163
features.pool5  max 3/2               256×5×5           0            0    195
head.fc1        fc 6400→4096             4096  26,218,496   26,214,400    all
head.fc2        fc 4096→1000             1000   4,097,000    4,096,000    all
total           -                        1000  34,039,464  925,424,000      -

alexnet-gray-1fc-4conv, input 1×224×224
name            operation              output  parameters         MACs  field
features.conv1  conv 1→96 k11 s4     96×54×54      11,712   33,872,256     11
features.pool1  max 3/2              96×26×26           0            0     19
features.conv2  conv 96→256 k5 p2   256×26×26     614,656  415,334,400     51
features.pool2  max 3/2             256×12×12           0            0     67
features.conv3  conv 256→384 k3 p1  384×12×12     885,120  127,401,984     99
features.conv5  conv 384→256 k3 p1  256×12×12     884,992  127,401,984    131
features.pool5  max 3/2               256×5×5           0            0    163
head.fc1        fc 6400→4096             4096  26,218,496   26,214,400    all
head.fc2        fc 4096→10                 10      40,970       40,960    all
total           -                          10  28,655,946  730,265,984      -

Departures from the tutorials: none. The rows of 001 are read as steps, each on top of
the one before, since its times shrink from row to row; it does not say so.
"""

from collections import OrderedDict

from torch import nn

from convatlas.networks import sizes
from convatlas.networks.network import Network
from convatlas.networks.registry import Variant, register


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
        sizes=f"at least 65×65; {GROWS}",
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
        sizes=f"at least 67×67; {GROWS}",
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
        sizes=f"at least 67×67; {GROWS}",
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
        sizes=f"at least 67×67; {GROWS}",
        build=alexnet_gray_1fc_4conv,
    )
)
