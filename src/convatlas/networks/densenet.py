"""DenseNet, in its form with bottlenecks and compression (DenseNet-BC).

Source: Huang, Liu, van der Maaten & Weinberger, "Densely Connected Convolutional
Networks", arXiv:1608.06993 (2016), section 3, table 1.

Input 3×224×224, 1000 classes.

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

Departures from the paper:
* densenet161 (growth rate 48) stands in the first revision of the paper and in the
  authors' code; later revisions of table 1 have 264 layers in its place.
* The first convolution is followed by batch norm and ReLU, as in the authors' code and
  torchvision; table 1 leaves them unsaid.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping, Sequence

from torch import nn

from convatlas.networks.densenet_blocks import DenseNet
from convatlas.networks.network import Network
from convatlas.networks.registry import Builder, Published, Variant, register

LAYER = re.compile(r"features\.block(?P<block>\d+)\.layer(?P<layer>\d+)\.(?P<own>\w+)")
TRANSITION = re.compile(r"features\.transition(?P<number>\d+)\.(?P<own>\w+)")
WEIGHTS = "https://download.pytorch.org/models/"  # torchvision's


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
