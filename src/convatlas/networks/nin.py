"""Network in network.

Sources: Lin, Chen & Yan, "Network In Network", arXiv:1312.4400 (2013); the sizes of the
layers, which the paper does not print, from the definitions that the authors released
for CIFAR-10 and for ImageNet; ``nin-gray`` from tutorials 000 and 001 (Dive into Deep
Learning, section 8.3), input 1×224×224.

nin-gray, input 1×224×224
name                  operation              output  parameters         MACs  field
features.block1.conv  conv 1→96 k11 s4     96×54×54      11,712   33,872,256     11
features.block1.mlp1  conv 96→96 k1        96×54×54       9,312   26,873,856     11
features.block1.mlp2  conv 96→96 k1        96×54×54       9,312   26,873,856     11
features.pool1        max 3/2              96×26×26           0            0     19
features.block2.conv  conv 96→256 k5 p2   256×26×26     614,656  415,334,400     51
features.block2.mlp1  conv 256→256 k1     256×26×26      65,792   44,302,336     51
features.block2.mlp2  conv 256→256 k1     256×26×26      65,792   44,302,336     51
features.pool2        max 3/2             256×12×12           0            0     67
features.block3.conv  conv 256→384 k3 p1  384×12×12     885,120  127,401,984     99
features.block3.mlp1  conv 384→384 k1     384×12×12     147,840   21,233,664     99
features.block3.mlp2  conv 384→384 k1     384×12×12     147,840   21,233,664     99
features.pool3        max 3/2               384×5×5           0            0    131
head.block.conv       conv 384→10 k3 p1      10×5×5      34,570      864,000    195
head.block.mlp1       conv 10→10 k1          10×5×5         110        2,500    195
head.block.mlp2       conv 10→10 k1          10×5×5         110        2,500    195
head.pool             global avg             10×1×1           0            0    all
total                 -                          10   1,992,166  762,297,352      -

nin-cifar10, input 3×32×32
name                  operation              output  parameters         MACs  field
features.block1.conv  conv 3→192 k5 p2    192×32×32      14,592   14,745,600      5
features.block1.mlp1  conv 192→160 k1     160×32×32      30,880   31,457,280      5
features.block1.mlp2  conv 160→96 k1       96×32×32      15,456   15,728,640      5
features.pool1        max 3/2              96×16×16           0            0      7
features.block2.conv  conv 96→192 k5 p2   192×16×16     460,992  117,964,800     15
features.block2.mlp1  conv 192→192 k1     192×16×16      37,056    9,437,184     15
features.block2.mlp2  conv 192→192 k1     192×16×16      37,056    9,437,184     15
features.pool2        avg 3/2               192×8×8           0            0     19
head.block.conv       conv 192→192 k3 p1    192×8×8     331,968   21,233,664     27
head.block.mlp1       conv 192→192 k1       192×8×8      37,056    2,359,296     27
head.block.mlp2       conv 192→10 k1         10×8×8       1,930      122,880     27
head.pool             global avg             10×1×1           0            0    all
total                 -                          10     966,986  222,486,528      -

nin-imagenet, input 3×224×224
name                  operation               output  parameters           MACs  field
features.block1.conv  conv 3→96 k11 s4      96×54×54      34,944    101,616,768     11
features.block1.mlp1  conv 96→96 k1         96×54×54       9,312     26,873,856     11
features.block1.mlp2  conv 96→96 k1         96×54×54       9,312     26,873,856     11
features.pool1        max 3/2               96×27×27           0              0     19
features.block2.conv  conv 96→256 k5 p2    256×27×27     614,656    447,897,600     51
features.block2.mlp1  conv 256→256 k1      256×27×27      65,792     47,775,744     51
features.block2.mlp2  conv 256→256 k1      256×27×27      65,792     47,775,744     51
features.pool2        max 3/2              256×13×13           0              0     67
features.block3.conv  conv 256→384 k3 p1   384×13×13     885,120    149,520,384     99
features.block3.mlp1  conv 384→384 k1      384×13×13     147,840     24,920,064     99
features.block3.mlp2  conv 384→384 k1      384×13×13     147,840     24,920,064     99
features.pool3        max 3/2                384×6×6           0              0    131
head.block.conv       conv 384→1024 k3 p1   1024×6×6   3,539,968    127,401,984    195
head.block.mlp1       conv 1024→1024 k1     1024×6×6   1,049,600     37,748,736    195
head.block.mlp2       conv 1024→1000 k1     1000×6×6   1,025,000     36,864,000    195
head.pool             global avg            1000×1×1           0              0    all
total                 -                         1000   7,595,176  1,100,188,800      -

Departures from the sources: the authors' framework rounds the size after a pooling up,
hence ``ceil_mode``. They end in a pooling of the size of the last map; here it is a
global average, the same at their input size. The last activation is a ReLU, so that no
logit is negative: strange, but theirs, and the tutorials'.
"""

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
        sizes="at least 67×67",
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
        sizes="at least 4×4",
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
        sizes="at least 39×39",
        build=nin_imagenet,
    )
)
