"""The network that torchvision calls GoogLeNet, so that its weights can be used.

Source: torchvision, ``models/googlenet.py``, after Szegedy et al., arXiv:1409.4842.

Input 3×224×224, 1000 classes. The published weights want pixels normalised with mean
and standard deviation .5 (torchvision converts ImageNet's, ``transform_input``).

googlenet-tv, input 3×224×224
name                  operation         output  parameters           MACs  field
features.conv1        -             64×112×112       9,536    118,013,952      7
features.pool1        max 3/2         64×56×56           0              0     11
features.reduce2      -               64×56×56       4,224     12,845,056     11
features.conv2        -              192×56×56     110,976    346,816,512     19
features.pool2        max 3/2        192×28×28           0              0     27
features.inception3a  -              256×28×28     155,872    121,626,624     43
features.inception3b  -              480×28×28     340,224    265,732,096     59
features.pool3        max 3/2        480×14×14           0              0     75
features.inception4a  -              512×14×14     364,512     71,199,744    107
features.inception4b  -              512×14×14     425,232     83,091,456    139
features.inception4c  -              512×14×14     486,192     95,033,344    171
features.inception4d  -              528×14×14     573,312    112,093,184    203
features.inception4e  -              832×14×14     803,840    157,151,232    235
features.pool4        max 2/2          832×7×7           0              0    251
features.inception5a  -                832×7×7     978,944     47,867,904    315
features.inception5b  -               1024×7×7   1,347,040     65,881,088    379
head.pool             global avg      1024×1×1           0              0    all
head.fc               fc 1024→1000        1000   1,025,000      1,024,000    all
total                 -                   1000   6,624,904  1,498,376,192      -

Departures from the paper of 2014:
* batch norm after every convolution, and no local response normalisation;
* the 5×5 convolutions are 3×3 ("a known bug", says the source), which makes a third of
  a million parameters less;
* the last pooling between blocks is 2×2, dropout is .2;
* no auxiliary classifiers: those of the published weights were never trained. The
  network with the paper's layers is ``googlenet``.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping

from torch import nn

from convatlas.networks import sizes
from convatlas.networks.conv_units import ConvNormReLU
from convatlas.networks.googlenet import INCEPTIONS, Widths, halving_pool
from convatlas.networks.heads import class_head
from convatlas.networks.inception_blocks import Branches, first_path, row
from convatlas.networks.network import Network
from convatlas.networks.published_init import truncated
from convatlas.networks.registry import Published, Variant, register

URL = "https://download.pytorch.org/models/googlenet-1378be20.pth"
AUXILIARIES = tuple(
    f"{classifier}.{layer}"
    for classifier in ("aux1", "aux2")
    for layer in ("conv.conv", "conv.bn", "fc1", "fc2")
)
STEM = {"conv1": "conv1", "reduce2": "conv2", "conv2": "conv3"}
BRANCHES = {"branch1x1": 1, "branch3x3": 2, "branch_double": 3, "branch_pool": 4}
UNIT = re.compile(
    r"features\.(?P<part>\w+)\.(?P<branch>\w+)(\.unit(?P<unit>\d))?\.(?P<own>conv|norm)"
)


class TorchvisionGoogLeNet(Network):
    """The nine blocks of GoogLeNet with batch norm and 3×3 in the place of 5×5."""

    def __init__(
        self, classes: int, in_channels: int, input_size: tuple[int, int]
    ) -> None:
        parts: OrderedDict[str, nn.Module] = OrderedDict(
            conv1=ConvNormReLU(in_channels, 64, 7, 2, 3),
            pool1=halving_pool(),
            reduce2=ConvNormReLU(64, 64, 1),
            conv2=ConvNormReLU(64, 192, 3, 1, 1),
            pool2=halving_pool(),
        )
        channels = 192
        for name, widths in INCEPTIONS.items():
            if name == "4a":
                parts["pool3"] = halving_pool()
            elif name == "5a":
                parts["pool4"] = nn.MaxPool2d(2, 2, ceil_mode=True)
            parts[f"inception{name}"] = inception(channels, widths)
            channels = widths.total
        features = nn.Sequential(parts)
        sizes.map_size(first_path(features), input_size)
        super().__init__(features, class_head(channels, classes, dropout=0.2))
        for module in self.modules():
            if isinstance(module, nn.Conv2d | nn.Linear):
                truncated(module, 0.01)  # as torchvision's constructor


def inception(in_channels: int, widths: Widths) -> Branches:
    """One block; the widths of the 5×5 column go to 3×3 convolutions."""
    return Branches(
        {
            "branch1x1": ConvNormReLU(in_channels, widths.conv1x1, 1),
            "branch3x3": row(
                ConvNormReLU(in_channels, widths.reduce3x3, 1),
                ConvNormReLU(widths.reduce3x3, widths.conv3x3, 3, 1, 1),
            ),
            "branch_double": row(
                ConvNormReLU(in_channels, widths.reduce5x5, 1),
                ConvNormReLU(widths.reduce5x5, widths.conv5x5, 3, 1, 1),
            ),
            "branch_pool": row(
                nn.MaxPool2d(3, 1, 1, ceil_mode=True),
                ConvNormReLU(in_channels, widths.project, 1),
            ),
        }
    )


def torchvision_names(network: Network) -> Mapping[str, str]:
    """Paths of the modules by torchvision's; its untrained auxiliaries are left out."""
    names = {"fc": "head.fc"}
    for part, theirs in STEM.items():
        names[f"{theirs}.conv"] = f"features.{part}.conv"
        names[f"{theirs}.bn"] = f"features.{part}.norm"
    for path, _ in network.named_modules():
        if match := UNIT.fullmatch(path):
            branch = f"branch{BRANCHES[match['branch']]}"
            if match["branch"] != "branch1x1":
                branch += f".{int(match['unit']) - 1}"
            own = match["own"].replace("norm", "bn")
            names[f"{match['part']}.{branch}.{own}"] = path
    return names


def googlenet_tv(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> TorchvisionGoogLeNet:
    """``torchvision.models.googlenet`` without its auxiliary classifiers."""
    return TorchvisionGoogLeNet(classes, in_channels, input_size)


register(
    Variant(
        name="googlenet-tv",
        family="googlenet",
        title="torchvision's GoogLeNet: batch norm, 3×3 in the place of 5×5",
        year=2018,
        reference="torchvision, models/googlenet.py; after Szegedy et al., "
        "arXiv:1409.4842",
        input=(3, 224, 224),
        classes=1000,
        sizes="at least 15×15",
        build=googlenet_tv,
        published={
            "imagenet": Published(
                URL,
                torchvision_names,
                mean=(0.5, 0.5, 0.5),
                std=(0.5, 0.5, 0.5),
                skipped=AUXILIARIES,
            )
        },
    )
)
