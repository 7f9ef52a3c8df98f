"""ResNet for ImageNet, and ResNet-18 for small images.

Source: He, Zhang, Ren & Sun, "Deep Residual Learning for Image Recognition",
arXiv:1512.03385 (2015), table 1 and section 3.4. ``stage1`` to ``stage4`` are conv2_x
to conv5_x there; blocks as in figure 5, shortcuts of option B.

Input 3×224×224, 1000 classes; global pooling lets any size pass.

resnet18, input 3×224×224
name                operation               output  parameters           MACs  field
features.stem.conv  conv 3→64 k7 s2 p3  64×112×112       9,408    118,013,952      7
features.stem.norm  bn                  64×112×112         128              0      7
features.stem.pool  max 3/2 p1            64×56×56           0              0     11
features.stage1     -                     64×56×56     147,968    462,422,016     43
features.stage2     -                    128×28×28     525,568    411,041,792     99
features.stage3     -                    256×14×14   2,099,712    411,041,792    211
features.stage4     -                      512×7×7   8,393,728    411,041,792    435
head.pool           global avg             512×1×1           0              0    all
head.fc             fc 512→1000               1000     513,000        512,000    all
total               -                         1000  11,689,512  1,814,073,344      -

resnet34, input 3×224×224
name                operation               output  parameters           MACs  field
features.stem.conv  conv 3→64 k7 s2 p3  64×112×112       9,408    118,013,952      7
features.stem.norm  bn                  64×112×112         128              0      7
features.stem.pool  max 3/2 p1            64×56×56           0              0     11
features.stage1     -                     64×56×56     221,952    693,633,024     59
features.stage2     -                    128×28×28   1,116,416    873,463,808    179
features.stage3     -                    256×14×14   6,822,400  1,335,885,824    547
features.stage4     -                      512×7×7  13,114,368    642,252,800    899
head.pool           global avg             512×1×1           0              0    all
head.fc             fc 512→1000               1000     513,000        512,000    all
total               -                         1000  21,797,672  3,663,761,408      -

resnet50, input 3×224×224
name                operation               output  parameters           MACs  field
features.stem.conv  conv 3→64 k7 s2 p3  64×112×112       9,408    118,013,952      7
features.stem.norm  bn                  64×112×112         128              0      7
features.stem.pool  max 3/2 p1            64×56×56           0              0     11
features.stage1     -                    256×56×56     215,808    667,942,912     35
features.stage2     -                    512×28×28   1,219,584  1,027,604,480     91
features.stage3     -                   1024×14×14   7,098,368  1,464,336,384    267
features.stage4     -                     2048×7×7  14,964,736    809,238,528    427
head.pool           global avg            2048×1×1           0              0    all
head.fc             fc 2048→1000              1000   2,049,000      2,048,000    all
total               -                         1000  25,557,032  4,089,184,256      -

resnet101, input 3×224×224
name                operation               output  parameters           MACs  field
features.stem.conv  conv 3→64 k7 s2 p3  64×112×112       9,408    118,013,952      7
features.stem.norm  bn                  64×112×112         128              0      7
features.stem.pool  max 3/2 p1            64×56×56           0              0     11
features.stage1     -                    256×56×56     215,808    667,942,912     35
features.stage2     -                    512×28×28   1,219,584  1,027,604,480     91
features.stage3     -                   1024×14×14  26,090,496  5,176,557,568    811
features.stage4     -                     2048×7×7  14,964,736    809,238,528    971
head.pool           global avg            2048×1×1           0              0    all
head.fc             fc 2048→1000              1000   2,049,000      2,048,000    all
total               -                         1000  44,549,160  7,801,405,440      -

resnet152, input 3×224×224
name                operation               output  parameters            MACs  field
features.stem.conv  conv 3→64 k7 s2 p3  64×112×112       9,408     118,013,952      7
features.stem.norm  bn                  64×112×112         128               0      7
features.stem.pool  max 3/2 p1            64×56×56           0               0     11
features.stage1     -                    256×56×56     215,808     667,942,912     35
features.stage2     -                    512×28×28   2,339,840   1,901,068,288    155
features.stage3     -                   1024×14×14  40,613,888   8,015,314,944   1291
features.stage4     -                     2048×7×7  14,964,736     809,238,528   1451
head.pool           global avg            2048×1×1           0               0    all
head.fc             fc 2048→1000              1000   2,049,000       2,048,000    all
total               -                         1000  60,192,808  11,513,626,624      -

resnet18-small, input 3×32×32
name                operation           output  parameters         MACs  field
features.stem.conv  conv 3→64 k3 p1   64×32×32       1,728    1,769,472      3
features.stem.norm  bn                64×32×32         128            0      3
features.stage1     -                 64×32×32     147,968  150,994,944     11
features.stage2     -                128×16×16     525,568  134,217,728     25
features.stage3     -                  256×8×8   2,099,712  134,217,728     53
features.stage4     -                  512×4×4   8,393,728  134,217,728    109
head.pool           global avg         512×1×1           0            0    all
head.fc             fc 512→10               10       5,130        5,120    all
total               -                       10  11,173,962  555,422,720      -

Departures from the paper:
* resnet50, 101 and 152 carry the stride of a bottleneck in its 3×3 convolution, as
  torchvision does ("v1.5") and its published weights expect; the paper has it in the
  first 1×1. The published form is registered as resnet50-v1, 101-v1 and 152-v1: 6 %
  fewer multiplications, wider receptive field, the same parameters.
* resnet18-small, input 3×32×32, ten classes, is not in the paper: the stem is one 3×3
  convolution and there is no pooling, so that small images keep their size. The
  paper's own networks for 32×32 images are in ``resnet_cifar.py``.
* resnet18 and 34 use projections (option B) where the shape changes; the paper's table
  1 does not say which option, its section 4.1 tries all three.
"""

import re
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence

from torch import nn

from convatlas.networks import sizes
from convatlas.networks.heads import class_head
from convatlas.networks.init import initialise
from convatlas.networks.network import Network
from convatlas.networks.registry import Builder, Published, Variant, register
from convatlas.networks.resnet_blocks import (
    BlockMaker,
    basic,
    bottleneck,
    conv3x3,
    stages,
)

BASIC_WIDTHS = (64, 128, 256, 512)
BOTTLENECK_WIDTHS = (256, 512, 1024, 2048)
BLOCK = re.compile(r"features\.stage(?P<stage>\d+)\.block(?P<block>\d+)")
WEIGHTS = "https://download.pytorch.org/models/"  # torchvision's


class ResNet(Network):
    """A stem, four stages of residual blocks, global average, one dense layer.

    Args:
        stem: from images to a map of 64 channels.
        block: makes one block.
        widths: output channels of each stage.
        depths: blocks in each stage.
        classes: logits to give.
        input_size: (height, width) of the images.
    """

    def __init__(
        self,
        stem: nn.Sequential,
        block: BlockMaker,
        widths: Sequence[int],
        depths: Sequence[int],
        classes: int,
        input_size: tuple[int, int],
    ) -> None:
        sizes.map_size(sizes.chain(stem, "features.stem"), input_size)
        features = nn.Sequential(
            OrderedDict(stem=stem, **stages(block, 64, widths, depths))
        )
        super().__init__(features, class_head(widths[-1], classes))
        initialise(self, "kaiming")  # section 3.4: as in [13], arXiv:1502.01852


def imagenet_stem(in_channels: int) -> nn.Sequential:
    """Table 1, conv1 and the pooling of conv2_x: a quarter of the size, 64 channels."""
    return nn.Sequential(
        OrderedDict(
            conv=nn.Conv2d(in_channels, 64, 7, 2, 3, bias=False),
            norm=nn.BatchNorm2d(64),
            relu=nn.ReLU(),
            pool=nn.MaxPool2d(3, 2, 1),
        )
    )


def small_stem(in_channels: int) -> nn.Sequential:
    """For images of about 32 pixels: 3×3, the size stays."""
    return nn.Sequential(
        OrderedDict(
            conv=conv3x3(in_channels, 64), norm=nn.BatchNorm2d(64), relu=nn.ReLU()
        )
    )


def torchvision_names(network: Network) -> Mapping[str, str]:
    """Paths of this family's modules by the paths that torchvision has for them."""
    names = {"conv1": "features.stem.conv", "bn1": "features.stem.norm"}
    for path, module in network.named_modules():
        match = BLOCK.fullmatch(path)
        if match is None:
            continue
        block = f"layer{match['stage']}.{int(match['block']) - 1}"
        for own in dict(module.named_modules()):
            theirs = own.replace("norm", "bn")
            theirs = theirs.replace("shortcut.conv", "downsample.0")
            theirs = theirs.replace("shortcut.bn", "downsample.1")
            names[f"{block}.{theirs}"] = f"{path}.{own}"
    return {**names, "fc": "head.fc"}


def builder(
    stem: Callable[[int], nn.Sequential],
    block: BlockMaker,
    widths: Sequence[int],
    depths: Sequence[int],
) -> Builder:
    """The builder of a ResNet from its parts."""

    def build(*, classes: int, in_channels: int, input_size: tuple[int, int]) -> ResNet:
        return ResNet(stem(in_channels), block, widths, depths, classes, input_size)

    return build


def _published(**files: str) -> dict[str, Published]:
    return {
        name.replace("_", "-"): Published(WEIGHTS + file, torchvision_names)
        for name, file in files.items()
    }


def register_imagenet(
    name: str, column: str, build: Builder, published: Mapping[str, Published]
) -> None:
    """Registers one column of table 1."""
    register(
        Variant(
            name=name,
            family="resnet",
            title="Deep Residual Learning for Image Recognition",
            year=2015,
            reference=f"He et al., arXiv:1512.03385, table 1, {column}",
            input=(3, 224, 224),
            classes=1000,
            sizes="any",
            build=build,
            published=published,
        )
    )


register_imagenet(
    "resnet18",
    "18-layer",
    builder(imagenet_stem, basic, BASIC_WIDTHS, (2, 2, 2, 2)),
    _published(imagenet="resnet18-f37072fd.pth"),
)
register_imagenet(
    "resnet34",
    "34-layer",
    builder(imagenet_stem, basic, BASIC_WIDTHS, (3, 4, 6, 3)),
    _published(imagenet="resnet34-b627a593.pth"),
)
register_imagenet(
    "resnet50",
    "50-layer; stride in the 3×3 convolutions",
    builder(imagenet_stem, bottleneck, BOTTLENECK_WIDTHS, (3, 4, 6, 3)),
    _published(imagenet="resnet50-0676ba61.pth", imagenet_v2="resnet50-11ad3fa6.pth"),
)
register_imagenet(
    "resnet101",
    "101-layer; stride in the 3×3 convolutions",
    builder(imagenet_stem, bottleneck, BOTTLENECK_WIDTHS, (3, 4, 23, 3)),
    _published(imagenet="resnet101-63fe2227.pth", imagenet_v2="resnet101-cd907fc2.pth"),
)
register_imagenet(
    "resnet152",
    "152-layer; stride in the 3×3 convolutions",
    builder(imagenet_stem, bottleneck, BOTTLENECK_WIDTHS, (3, 8, 36, 3)),
    _published(imagenet="resnet152-394f9c45.pth", imagenet_v2="resnet152-f82ba261.pth"),
)
register(
    Variant(
        name="resnet18-small",
        family="resnet",
        title="ResNet-18 with a stem for small images",
        year=2015,
        reference="He et al., arXiv:1512.03385, table 1, 18-layer, with another stem",
        input=(3, 32, 32),
        classes=10,
        sizes="any",
        build=builder(small_stem, basic, BASIC_WIDTHS, (2, 2, 2, 2)),
    )
)
