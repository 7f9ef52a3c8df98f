"""DenseNet, in its form with bottlenecks and compression (DenseNet-BC).

Source: Huang, Liu, van der Maaten & Weinberger, "Densely Connected Convolutional
Networks", arXiv:1608.06993 (2016), section 3, tables 1 and 2.

Input 3×224×224 with 1000 classes, or 3×32×32 with ten.

densenet121, input 3×224×224
name                  operation               output  parameters           MACs  field
features.stem.conv    conv 3→64 k7 s2 p3  64×112×112       9,408    118,013,952      7
features.stem.norm    bn                  64×112×112         128              0      7
features.stem.pool    max 3/2 p1            64×56×56           0              0     11
features.block1       -                    256×56×56     335,040  1,040,449,536     59
features.transition1  -                    128×28×28      33,280    102,760,448     63
features.block2       -                    512×28×28     919,680    712,900,608    255
features.transition2  -                    256×14×14     132,096    102,760,448    263
features.block3       -                   1024×14×14   2,837,760    549,126,144   1031
features.transition3  -                      512×7×7     526,336    102,760,448   1047
features.block4       -                     1024×7×7   2,158,080    104,366,080   2071
features.norm         bn                    1024×7×7       2,048              0   2071
head.pool             global avg            1024×1×1           0              0    all
head.fc               fc 1024→1000              1000   1,025,000      1,024,000    all
total                 -                         1000   7,978,856  2,834,161,664      -

densenet161, input 3×224×224
name                  operation               output  parameters           MACs  field
features.stem.conv    conv 3→96 k7 s2 p3  96×112×112      14,112    177,020,928      7
features.stem.norm    bn                  96×112×112         192              0      7
features.stem.pool    max 3/2 p1            96×56×56           0              0     11
features.block1       -                    384×56×56     751,392  2,341,011,456     59
features.transition1  -                    192×28×28      74,496    231,211,008     63
features.block2       -                    768×28×28   2,061,504  1,604,026,368    255
features.transition2  -                    384×14×14     296,448    231,211,008    263
features.block3       -                   2112×14×14  11,548,224  2,243,469,312   1415
features.transition3  -                     1056×7×7   2,234,496    437,133,312   1431
features.block4       -                     2208×7×7   9,486,720    460,615,680   2967
features.norm         bn                    2208×7×7       4,416              0   2967
head.pool             global avg            2208×1×1           0              0    all
head.fc               fc 2208→1000              1000   2,209,000      2,208,000    all
total                 -                         1000  28,681,000  7,727,907,072      -

densenet169, input 3×224×224
name                  operation               output  parameters           MACs  field
features.stem.conv    conv 3→64 k7 s2 p3  64×112×112       9,408    118,013,952      7
features.stem.norm    bn                  64×112×112         128              0      7
features.stem.pool    max 3/2 p1            64×56×56           0              0     11
features.block1       -                    256×56×56     335,040  1,040,449,536     59
features.transition1  -                    128×28×28      33,280    102,760,448     63
features.block2       -                    512×28×28     919,680    712,900,608    255
features.transition2  -                    256×14×14     132,096    102,760,448    263
features.block3       -                   1280×14×14   4,316,160    834,928,640   1287
features.transition3  -                      640×7×7     821,760    160,563,200   1303
features.block4       -                     1664×7×7   5,913,600    285,802,496   3351
features.norm         bn                    1664×7×7       3,328              0   3351
head.pool             global avg            1664×1×1           0              0    all
head.fc               fc 1664→1000              1000   1,665,000      1,664,000    all
total                 -                         1000  14,149,480  3,359,843,328      -

densenet201, input 3×224×224
name                  operation               output  parameters           MACs  field
features.stem.conv    conv 3→64 k7 s2 p3  64×112×112       9,408    118,013,952      7
features.stem.norm    bn                  64×112×112         128              0      7
features.stem.pool    max 3/2 p1            64×56×56           0              0     11
features.block1       -                    256×56×56     335,040  1,040,449,536     59
features.transition1  -                    128×28×28      33,280    102,760,448     63
features.block2       -                    512×28×28     919,680    712,900,608    255
features.transition2  -                    256×14×14     132,096    102,760,448    263
features.block3       -                   1792×14×14   8,071,680  1,560,674,304   1799
features.transition3  -                      896×7×7   1,609,216    314,703,872   1815
features.block4       -                     1920×7×7   6,978,560    337,182,720   3863
features.norm         bn                    1920×7×7       3,840              0   3863
head.pool             global avg            1920×1×1           0              0    all
head.fc               fc 1920→1000              1000   1,921,000      1,920,000    all
total                 -                         1000  20,013,928  4,291,365,888      -

densenet-bc-100-12, input 3×32×32
name                  operation           output  parameters         MACs  field
features.conv         conv 3→24 k3 p1   24×32×32         648      663,552      3
features.block1       -                216×32×32     175,680  174,587,904     35
features.transition1  -                108×16×16      23,760   23,887,872     36
features.block2       -                300×16×16     242,880   60,162,048    100
features.transition2  -                  150×8×8      45,600   11,520,000    102
features.block3       -                  342×8×8     276,480   17,104,896    230
features.norm         bn                 342×8×8         684            0    230
head.pool             global avg         342×1×1           0            0    all
head.fc               fc 342→10               10       3,430        3,420    all
total                 -                       10     769,162  287,929,692      -

Departures from the paper:
* densenet161 (growth rate 48) stands in the first revision of the paper and in the
  authors' code; later revisions of table 1 have 264 layers in its place.
* densenet-bc-100-12: the paper adds dropout of .2 after each convolution where it
  trains without augmentation; here there is none.
* The first convolution of densenet121, 161, 169 and 201 is followed by batch norm and
  ReLU, as in the authors' code and torchvision; table 1 leaves them unsaid.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from torch import Tensor, nn

from convatlas.networks import sizes
from convatlas.networks.blocks import Concat
from convatlas.networks.heads import class_head
from convatlas.networks.network import Network
from convatlas.networks.published_init import fan_out
from convatlas.networks.registry import Builder, Published, Variant, register

LAYER = re.compile(r"features\.block(?P<block>\d+)\.layer(?P<layer>\d+)\.(?P<own>\w+)")
TRANSITION = re.compile(r"features\.transition(?P<number>\d+)\.(?P<own>\w+)")
WEIGHTS = "https://download.pytorch.org/models/"  # torchvision's


class DenseLayer(nn.Module):
    """DenseNet-B (section 3): norm, ReLU, 1×1, norm, ReLU, 3×3; appended to the input.

    Args:
        in_channels: of the map that arrives; ``growth`` more leave.
        growth: channels that the layer adds; its 1×1 convolution makes four times that.
    """

    def __init__(self, in_channels: int, growth: int) -> None:
        super().__init__()
        width = 4 * growth
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.relu1 = nn.ReLU()
        self.conv1 = nn.Conv2d(in_channels, width, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)
        self.relu2 = nn.ReLU()
        self.conv2 = nn.Conv2d(width, growth, 3, padding=1, bias=False)
        self.concat = Concat()

    def forward(self, images: Tensor) -> Tensor:
        maps = self.conv1(self.relu1(self.norm1(images)))
        maps = self.conv2(self.relu2(self.norm2(maps)))
        grown: Tensor = self.concat(images, maps)
        return grown


class DenseNet(Network):
    """Dense blocks with transitions between, global average, one dense layer.

    Args:
        stem: from images to the map that the first block sees.
        channels: of that map.
        depths: layers of each block.
        growth: channels that each layer adds.
        classes: logits to give.
        input_size: (height, width) of the images.
    """

    def __init__(
        self,
        stem: "OrderedDict[str, nn.Module]",
        channels: int,
        depths: Sequence[int],
        growth: int,
        classes: int,
        input_size: tuple[int, int],
    ) -> None:
        parts = OrderedDict(stem)
        for number, depth in enumerate(depths, start=1):
            if number > 1:
                parts[f"transition{number - 1}"] = transition(channels)
                channels //= 2  # compression of one half: the C of DenseNet-BC
            parts[f"block{number}"] = dense_block(channels, depth, growth)
            channels += depth * growth
        parts["norm"] = nn.BatchNorm2d(channels)
        parts["relu"] = nn.ReLU()
        features = nn.Sequential(parts)
        sizes.map_size(resizing(features), input_size)
        super().__init__(features, class_head(channels, classes))
        fan_out(self)  # section 4.2: as in [10], and as the authors' code does


def dense_block(in_channels: int, depth: int, growth: int) -> nn.Sequential:
    """Layers that each see the outputs of all before them (equation 2)."""
    return nn.Sequential(
        OrderedDict(
            (f"layer{i + 1}", DenseLayer(in_channels + i * growth, growth))
            for i in range(depth)
        )
    )


def transition(channels: int) -> nn.Sequential:
    """Section 3, pooling layers: half of the channels, half of the size."""
    return nn.Sequential(
        OrderedDict(
            norm=nn.BatchNorm2d(channels),
            relu=nn.ReLU(),
            conv=nn.Conv2d(channels, channels // 2, 1, bias=False),
            pool=nn.AvgPool2d(2, 2),
        )
    )


def resizing(features: nn.Sequential) -> sizes.Steps:
    """The layers that change height or width: those within blocks do not."""
    return [step for step in sizes.chain(features) if ".layer" not in step[0]]


def imagenet_stem(in_channels: int, channels: int) -> "OrderedDict[str, nn.Module]":
    """Table 1, convolution and pooling: a quarter of the size."""
    return OrderedDict(
        stem=nn.Sequential(
            OrderedDict(
                conv=nn.Conv2d(in_channels, channels, 7, 2, 3, bias=False),
                norm=nn.BatchNorm2d(channels),
                relu=nn.ReLU(),
                pool=nn.MaxPool2d(3, 2, 1),
            )
        )
    )


def cifar_stem(in_channels: int, channels: int) -> "OrderedDict[str, nn.Module]":
    """Section 3, implementation details: one 3×3 convolution."""
    return OrderedDict(conv=nn.Conv2d(in_channels, channels, 3, padding=1, bias=False))


def torchvision_names(network: Network) -> Mapping[str, str]:
    """Paths of this family's modules by the paths that torchvision has for them.

    Its published files are older than its module names: ``norm.1`` stands for
    ``norm1``; both are listed.
    """
    names = {
        "features.conv0": "features.stem.conv",
        "features.norm0": "features.stem.norm",
        "features.norm5": "features.norm",
        "classifier": "head.fc",
    }
    for path, _ in network.named_modules():
        if match := LAYER.fullmatch(path):
            layer = f"denseblock{match['block']}.denselayer{match['layer']}"
            names[f"features.{layer}.{match['own']}"] = path
            older = f"{match['own'][:-1]}.{match['own'][-1]}"
            names[f"features.{layer}.{older}"] = path
        elif match := TRANSITION.fullmatch(path):
            names[f"features.transition{match['number']}.{match['own']}"] = path
    return names


def _imagenet(channels: int, depths: Sequence[int], growth: int) -> Builder:
    def build(
        *, classes: int, in_channels: int, input_size: tuple[int, int]
    ) -> DenseNet:
        stem = imagenet_stem(in_channels, channels)
        return DenseNet(stem, channels, depths, growth, classes, input_size)

    return build


def densenet_bc_100_12(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> DenseNet:
    """Table 2, DenseNet-BC with L=100 and k=12: (100 - 4) / 6 = 16 layers a block."""
    channels = 2 * 12  # section 3: twice the growth rate in DenseNet-BC
    stem = cifar_stem(in_channels, channels)
    return DenseNet(stem, channels, (16, 16, 16), 12, classes, input_size)


def _register_imagenet(
    layers: int, channels: int, depths: Sequence[int], growth: int, file: str
) -> None:
    register(
        Variant(
            name=f"densenet{layers}",
            family="densenet",
            title="Densely Connected Convolutional Networks",
            year=2016,
            reference=f"Huang et al., arXiv:1608.06993, table 1, {layers} layers",
            input=(3, 224, 224),
            classes=1000,
            sizes="at least 29×29",
            build=_imagenet(channels, depths, growth),
            published={"imagenet": Published(WEIGHTS + file, torchvision_names)},
        )
    )


_register_imagenet(121, 64, (6, 12, 24, 16), 32, "densenet121-a639ec97.pth")
_register_imagenet(161, 96, (6, 12, 36, 24), 48, "densenet161-8d451a50.pth")
_register_imagenet(169, 64, (6, 12, 32, 32), 32, "densenet169-b2777c0a.pth")
_register_imagenet(201, 64, (6, 12, 48, 32), 32, "densenet201-c1103571.pth")
register(
    Variant(
        name="densenet-bc-100-12",
        family="densenet",
        title="Densely Connected Convolutional Networks",
        year=2016,
        reference="Huang et al., arXiv:1608.06993, table 2, DenseNet-BC, L=100, k=12",
        input=(3, 32, 32),
        classes=10,
        sizes="at least 4×4",
        build=densenet_bc_100_12,
    )
)
