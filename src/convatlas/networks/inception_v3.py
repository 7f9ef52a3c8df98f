"""Inception-v3.

Sources: Szegedy, Vanhoucke, Ioffe, Shlens & Wojna, "Rethinking the Inception
Architecture for Computer Vision", arXiv:1512.00567 (2015), table 1, figures 5 to 10,
section 6; its layers as in the network that Google released, which torchvision follows.

Input 3×299×299, 1000 classes. One auxiliary classifier sees the output of mixed6e
(768×17×17); its loss counts .4, in training only. The published weights want pixels
normalised with mean and standard deviation .5 (torchvision converts ImageNet's,
``transform_input``).

inception-v3, input 3×299×299
name              operation         output  parameters           MACs  field
features.conv1a   -             32×149×149         928     19,181,664      3
features.conv2a   -             32×147×147       9,280    199,148,544      7
features.conv2b   -             64×147×147      18,560    398,297,088     11
features.pool1    max 3/2         64×73×73           0              0     15
features.conv3b   -               80×73×73       5,280     27,284,480     15
features.conv4a   -              192×71×71     138,624    696,867,840     23
features.pool2    max 3/2        192×35×35           0              0     31
features.mixed5b  -              256×35×35     255,904    312,345,600     63
features.mixed5c  -              288×35×35     277,472    338,688,000     95
features.mixed5d  -              288×35×35     285,152    348,096,000    127
features.mixed6a  -              768×17×17   1,153,280    401,937,408    159
features.mixed6b  -              768×17×17   1,297,408    374,063,104    351
features.mixed6c  -              768×17×17   1,691,008    487,702,528    543
features.mixed6d  -              768×17×17   1,691,008    487,702,528    735
features.mixed6e  -              768×17×17   2,141,952    617,914,368    927
features.mixed7a  -               1280×8×8   1,698,304    291,004,416   1055
features.mixed7b  -               2048×8×8   5,044,608    322,437,120   1183
features.mixed7c  -               2048×8×8   6,076,800    388,497,408   1311
head.pool         global avg      2048×1×1           0              0    all
head.fc           fc 2048→1000        1000   2,049,000      2,048,000    all
auxiliaries       (not called)           –   3,326,696              0      –
total             -                   1000  27,161,264  5,713,216,096      -

Departures from the paper (those of the released network):
* Table 1 has a 3×3 convolution to 80 maps, one to 192 with stride 2 and one to 288
  where the release has a 1×1 to 80, a 3×3 to 192 and max pooling.
* A branch of the blocks on 35×35 keeps its 5×5, which figure 5 splits into two 3×3.
* Table 1 lets the size be halved within its counts of 3, 5 and 2 blocks; here the two
  halving blocks, mixed6a and mixed7a, are listed on their own.
* Averages count the padding, as torchvision's; Google's leave it out.
* The weight .4 of the auxiliary loss and the initial weights are those of the release.
"""

import re
from collections import OrderedDict
from collections.abc import Mapping

from torch import nn

from convatlas.networks import sizes
from convatlas.networks.auxiliary import AuxiliaryNetwork
from convatlas.networks.conv_units import ConvNormReLU
from convatlas.networks.heads import class_head
from convatlas.networks.inception_blocks import Branches, first_path, fork, row
from convatlas.networks.network import Network
from convatlas.networks.published_init import truncated, truncated_fan_in
from convatlas.networks.registry import Published, Variant, register

URL = "https://download.pytorch.org/models/inception_v3_google-0cc3c7bd.pth"
STEM = {
    "conv1a": "Conv2d_1a_3x3",
    "conv2a": "Conv2d_2a_3x3",
    "conv2b": "Conv2d_2b_3x3",
    "conv3b": "Conv2d_3b_1x1",
    "conv4a": "Conv2d_4a_3x3",
}
UNIT = re.compile(
    r"features\.mixed(?P<block>\d\w)\.(?P<branch>\w+?)"
    r"(\.unit(?P<unit>\d)(\.(?P<fork>[ab]))?)?\.(?P<own>conv|norm)"
)
VERTICAL, HORIZONTAL = (7, 1), (1, 7)  # kernels of the factorised 7×7
DOWN, ALONG = (3, 0), (0, 3)  # their paddings


class InceptionV3(AuxiliaryNetwork):
    """A stem, eleven inception blocks on three sizes, one auxiliary classifier."""

    def __init__(
        self, classes: int, in_channels: int, input_size: tuple[int, int]
    ) -> None:
        features = nn.Sequential(
            OrderedDict(
                conv1a=ConvNormReLU(in_channels, 32, 3, 2),
                conv2a=ConvNormReLU(32, 32, 3),
                conv2b=ConvNormReLU(32, 64, 3, 1, 1),
                pool1=nn.MaxPool2d(3, 2),
                conv3b=ConvNormReLU(64, 80, 1),
                conv4a=ConvNormReLU(80, 192, 3),
                pool2=nn.MaxPool2d(3, 2),
                mixed5b=block35(192, project=32),
                mixed5c=block35(256, project=64),
                mixed5d=block35(288, project=64),
                mixed6a=halving35(288),
                mixed6b=block17(128),
                mixed6c=block17(160),
                mixed6d=block17(160),
                mixed6e=block17(192),
                mixed7a=halving17(768),
                mixed7b=block8(1280),
                mixed7c=block8(2048),
            )
        )
        steps = first_path(features)
        classifier = auxiliary(768, classes)
        before = [step for step in steps if ".mixed7" not in step[0]]
        behind = sizes.chain(classifier, "auxiliaries.mixed6e")
        sizes.map_size([*before, *behind], input_size)
        sizes.map_size(steps, input_size)
        super().__init__(
            features,
            class_head(2048, classes, dropout=0.5),
            {"mixed6e": classifier},
            weight=0.4,  # as in Google's release; the paper does not say
        )
        initialise(self)


def block35(in_channels: int, project: int) -> Branches:
    """Figure 5, on maps of 35×35; one branch keeps its 5×5, as released."""
    return Branches(
        {
            "branch1x1": ConvNormReLU(in_channels, 64, 1),
            "branch5x5": row(
                ConvNormReLU(in_channels, 48, 1),
                ConvNormReLU(48, 64, 5, 1, 2),
            ),
            "branch3x3dbl": row(
                ConvNormReLU(in_channels, 64, 1),
                ConvNormReLU(64, 96, 3, 1, 1),
                ConvNormReLU(96, 96, 3, 1, 1),
            ),
            "branch_pool": row(
                nn.AvgPool2d(3, 1, 1), ConvNormReLU(in_channels, project, 1)
            ),
        }
    )


def halving35(in_channels: int) -> Branches:
    """Figure 10: convolutions and pooling with stride 2 side by side, 35 to 17."""
    return Branches(
        {
            "branch3x3": ConvNormReLU(in_channels, 384, 3, 2),
            "branch3x3dbl": row(
                ConvNormReLU(in_channels, 64, 1),
                ConvNormReLU(64, 96, 3, 1, 1),
                ConvNormReLU(96, 96, 3, 2),
            ),
            "pool": nn.MaxPool2d(3, 2),
        }
    )


def block17(width: int) -> Branches:
    """Figure 6 with n = 7: 7×7 as 1×7 and 7×1, on 768 maps of 17×17."""
    return Branches(
        {
            "branch1x1": ConvNormReLU(768, 192, 1),
            "branch7x7": row(
                ConvNormReLU(768, width, 1),
                ConvNormReLU(width, width, HORIZONTAL, 1, ALONG),
                ConvNormReLU(width, 192, VERTICAL, 1, DOWN),
            ),
            "branch7x7dbl": row(
                ConvNormReLU(768, width, 1),
                ConvNormReLU(width, width, VERTICAL, 1, DOWN),
                ConvNormReLU(width, width, HORIZONTAL, 1, ALONG),
                ConvNormReLU(width, width, VERTICAL, 1, DOWN),
                ConvNormReLU(width, 192, HORIZONTAL, 1, ALONG),
            ),
            "branch_pool": row(nn.AvgPool2d(3, 1, 1), ConvNormReLU(768, 192, 1)),
        }
    )


def halving17(in_channels: int) -> Branches:
    """Figure 10 again, 17 to 8; one branch sees 7×7 first."""
    return Branches(
        {
            "branch3x3": row(
                ConvNormReLU(in_channels, 192, 1), ConvNormReLU(192, 320, 3, 2)
            ),
            "branch7x7x3": row(
                ConvNormReLU(in_channels, 192, 1),
                ConvNormReLU(192, 192, HORIZONTAL, 1, ALONG),
                ConvNormReLU(192, 192, VERTICAL, 1, DOWN),
                ConvNormReLU(192, 192, 3, 2),
            ),
            "pool": nn.MaxPool2d(3, 2),
        }
    )


def block8(in_channels: int) -> Branches:
    """Figure 7: branches that fork into 1×3 and 3×1, on maps of 8×8."""
    return Branches(
        {
            "branch1x1": ConvNormReLU(in_channels, 320, 1),
            "branch3x3": row(ConvNormReLU(in_channels, 384, 1), fork(384, 384)),
            "branch3x3dbl": row(
                ConvNormReLU(in_channels, 448, 1),
                ConvNormReLU(448, 384, 3, 1, 1),
                fork(384, 384),
            ),
            "branch_pool": row(
                nn.AvgPool2d(3, 1, 1), ConvNormReLU(in_channels, 192, 1)
            ),
        }
    )


def auxiliary(channels: int, classes: int) -> nn.Sequential:
    """Figure 8: pooling, 1×1, a convolution over all that is left, a dense layer."""
    return nn.Sequential(
        OrderedDict(
            pool=nn.AvgPool2d(5, 3),
            conv1=ConvNormReLU(channels, 128, 1),
            conv2=ConvNormReLU(128, 768, 5),
            head=class_head(768, classes),
        )
    )


def initialise(network: nn.Module) -> None:
    """As in the network that Google released; the paper does not say."""
    truncated_fan_in(network)
    for name, module in network.named_modules():
        if name.startswith("auxiliaries."):
            if name.endswith("conv2.conv") and isinstance(module, nn.Conv2d):
                truncated(module, 0.01)
            elif isinstance(module, nn.Linear):
                truncated(module, 0.001)


def torchvision_names(network: Network) -> Mapping[str, str]:
    """Paths of the modules by the paths that torchvision has for them."""
    names = {"fc": "head.fc", "AuxLogits.fc": "auxiliaries.mixed6e.head.fc"}
    units = {f"features.{own}": theirs for own, theirs in STEM.items()}
    units["auxiliaries.mixed6e.conv1"] = "AuxLogits.conv0"
    units["auxiliaries.mixed6e.conv2"] = "AuxLogits.conv1"
    for own, theirs in units.items():
        names[f"{theirs}.conv"] = f"{own}.conv"
        names[f"{theirs}.bn"] = f"{own}.norm"
    for path, _ in network.named_modules():
        if match := UNIT.fullmatch(path):
            theirs = f"Mixed_{match['block']}.{match['branch']}"
            if match["unit"] and match["branch"] != "branch_pool":
                theirs += f"_{match['unit']}{match['fork'] or ''}"
            names[f"{theirs}.{match['own'].replace('norm', 'bn')}"] = path
    return names


def inception_v3(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> InceptionV3:
    """Inception-v3 with the batch-normalised auxiliary classifier of section 4."""
    return InceptionV3(classes, in_channels, input_size)


register(
    Variant(
        name="inception-v3",
        family="inception_v3",
        title="Rethinking the Inception Architecture for Computer Vision",
        year=2015,
        reference="Szegedy et al., arXiv:1512.00567, table 1 and section 6",
        input=(3, 299, 299),
        classes=1000,
        sizes="at least 299×299, which the auxiliary classifier needs",
        build=inception_v3,
        published={
            "imagenet": Published(
                URL, torchvision_names, mean=(0.5, 0.5, 0.5), std=(0.5, 0.5, 0.5)
            )
        },
    )
)
