"""VGG-11 for grey images, as the tutorials write it.

Sources: tutorials 000 and 001, the VGG of Dive into Deep Learning, section 8.2. Input
1×224×224 (28×28 images enlarged), ten classes.

vgg11-gray, input 1×224×224
name             operation          output   parameters           MACs  field
features.block1  -              64×112×112          640     28,901,376      4
features.block2  -               128×56×56       73,856    924,844,032     10
features.block3  -               256×28×28      885,248  2,774,532,096     30
features.block4  -               512×14×14    3,539,968  2,774,532,096     70
features.block5  -                 512×7×7    4,719,616    924,844,032    150
head.fc1         fc 25088→4096        4096  102,764,544    102,760,448    all
head.fc2         fc 4096→4096         4096   16,781,312     16,777,216    all
head.fc3         fc 4096→10             10       40,970         40,960    all
total            -                      10  128,806,154  7,547,232,256      -

vgg11-gray-small, input 1×224×224
name             operation       output  parameters         MACs  field
features.block1  -            8×112×112          80    3,612,672      4
features.block2  -             16×56×56       1,168   14,450,688     10
features.block3  -             32×28×28      13,888   43,352,064     30
features.block4  -             64×14×14      55,424   43,352,064     70
features.block5  -               64×7×7      73,856   14,450,688    150
head.fc1         fc 3136→512        512   1,606,144    1,605,632    all
head.fc2         fc 512→512         512     262,656      262,144    all
head.fc3         fc 512→10           10       5,130        5,120    all
total            -                   10   2,018,346  121,091,072      -

Departures from the tutorials: ``vgg11-gray-small`` divides every width by eight, dense
layers too, so that it trains on a small machine; it is not in the tutorials.
"""

from convatlas.networks.network import Network
from convatlas.networks.registry import Variant, register
from convatlas.networks.vgg import VGG, A


def vgg11_gray(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """Tutorials 000 and 001; PyTorch's own initialisation, as there."""
    return VGG(classes, in_channels, input_size, A)


def vgg11_gray_small(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """The same, every width divided by 8."""
    return VGG(classes, in_channels, input_size, A, divisor=8)


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
