"""The deep ResNets for ImageNet with their strides where they were published.

Source: He, Zhang, Ren & Sun, "Deep Residual Learning for Image Recognition",
arXiv:1512.03385 (2015), table 1: the first 1×1 convolution of a bottleneck carries its
stride. Against ``resnet50``, whose 3×3 does ("v1.5"), that is 6 % less arithmetic, a
wider receptive field and the same parameters; where the map is halved, three of four
positions are never read.

Input 3×224×224, 1000 classes; global pooling lets any size pass.

resnet50-v1, input 3×224×224
name                operation               output  parameters           MACs  field
features.stem.conv  conv 3→64 k7 s2 p3  64×112×112       9,408    118,013,952      7
features.stem.norm  bn                  64×112×112         128              0      7
features.stem.pool  max 3/2 p1            64×56×56           0              0     11
features.stage1     -                    256×56×56     215,808    667,942,912     35
features.stage2     -                    512×28×28   1,219,584    950,534,144     99
features.stage3     -                   1024×14×14   7,098,368  1,387,266,048    291
features.stage4     -                     2048×7×7  14,964,736    732,168,192    483
head.pool           global avg            2048×1×1           0              0    all
head.fc             fc 2048→1000              1000   2,049,000      2,048,000    all
total               -                         1000  25,557,032  3,857,973,248      -

resnet101-v1, input 3×224×224
name                operation               output  parameters           MACs  field
features.stem.conv  conv 3→64 k7 s2 p3  64×112×112       9,408    118,013,952      7
features.stem.norm  bn                  64×112×112         128              0      7
features.stem.pool  max 3/2 p1            64×56×56           0              0     11
features.stage1     -                    256×56×56     215,808    667,942,912     35
features.stage2     -                    512×28×28   1,219,584    950,534,144     99
features.stage3     -                   1024×14×14  26,090,496  5,099,487,232    835
features.stage4     -                     2048×7×7  14,964,736    732,168,192   1027
head.pool           global avg            2048×1×1           0              0    all
head.fc             fc 2048→1000              1000   2,049,000      2,048,000    all
total               -                         1000  44,549,160  7,570,194,432      -

resnet152-v1, input 3×224×224
name                operation               output  parameters            MACs  field
features.stem.conv  conv 3→64 k7 s2 p3  64×112×112       9,408     118,013,952      7
features.stem.norm  bn                  64×112×112         128               0      7
features.stem.pool  max 3/2 p1            64×56×56           0               0     11
features.stage1     -                    256×56×56     215,808     667,942,912     35
features.stage2     -                    512×28×28   2,339,840   1,823,997,952    163
features.stage3     -                   1024×14×14  40,613,888   7,938,244,608   1315
features.stage4     -                     2048×7×7  14,964,736     732,168,192   1507
head.pool           global avg            2048×1×1           0               0    all
head.fc             fc 2048→1000              1000   2,049,000       2,048,000    all
total               -                         1000  60,192,808  11,282,415,616      -

Departures from the paper:
* none in the layers.
"""

from collections.abc import Sequence

from convatlas.networks.registry import Builder
from convatlas.networks.resnet import (
    BOTTLENECK_WIDTHS,
    ResNet,
    imagenet_stem,
    register_imagenet,
)
from convatlas.networks.resnet_blocks import bottleneck_v1


def _builder(depths: Sequence[int]) -> Builder:
    def build(*, classes: int, in_channels: int, input_size: tuple[int, int]) -> ResNet:
        stem = imagenet_stem(in_channels)
        widths = BOTTLENECK_WIDTHS
        return ResNet(stem, bottleneck_v1, widths, depths, classes, input_size)

    return build


register_imagenet("resnet50-v1", "50-layer", _builder((3, 4, 6, 3)), {})
register_imagenet("resnet101-v1", "101-layer", _builder((3, 4, 23, 3)), {})
register_imagenet("resnet152-v1", "152-layer", _builder((3, 8, 36, 3)), {})
