"""The tutorials' networks for house numbers.

Sources: tutorial 000, sections 4.1 and 4.2, and tutorial 001. Input 3×64×128; each of
five (001: six) heads gives one digit, eleven classes, of which the last means that
there is no digit at this place. Logits are N × heads × 11.

street-cnn, input 3×64×128
name            operation           output  parameters       MACs  field
features.conv1  conv 3→16 k3 s2   16×31×63         448    843,696      3
features.pool1  max 2/2           16×15×31           0          0      5
features.conv2  conv 16→32 k3 s2   32×7×15       4,640    483,840     13
features.pool2  max 2/2             32×3×7           0          0     21
head.digits.0   fc 672→11               11       7,403      7,392    all
head.digits.1   fc 672→11               11       7,403      7,392    all
head.digits.2   fc 672→11               11       7,403      7,392    all
head.digits.3   fc 672→11               11       7,403      7,392    all
head.digits.4   fc 672→11               11       7,403      7,392    all
head.stack      stack                 5×11           0          0    all
total           -                     5×11      42,103  1,364,496      -

street-cnn-6, input 3×64×128
name            operation           output  parameters       MACs  field
features.conv1  conv 3→16 k3 s2   16×31×63         448    843,696      3
features.pool1  max 2/2           16×15×31           0          0      5
features.conv2  conv 16→32 k3 s2   32×7×15       4,640    483,840     13
features.pool2  max 2/2             32×3×7           0          0     21
head.digits.0   fc 672→11               11       7,403      7,392    all
head.digits.1   fc 672→11               11       7,403      7,392    all
head.digits.2   fc 672→11               11       7,403      7,392    all
head.digits.3   fc 672→11               11       7,403      7,392    all
head.digits.4   fc 672→11               11       7,403      7,392    all
head.digits.5   fc 672→11               11       7,403      7,392    all
head.stack      stack                 6×11           0          0    all
total           -                     6×11      49,506  1,371,888      -

street-resnet18, input 3×64×128
name             operation    output  parameters         MACs  field
features.stem    -          64×16×32       9,536   19,267,584     11
features.stage1  -          64×16×32     147,968   75,497,472     43
features.stage2  -          128×8×16     525,568   67,108,864     99
features.stage3  -           256×4×8   2,099,712   67,108,864    211
features.stage4  -           512×2×4   8,393,728   67,108,864    435
head.vector      -               512           0            0    all
head.digits.0    fc 512→11        11       5,643        5,632    all
head.digits.1    fc 512→11        11       5,643        5,632    all
head.digits.2    fc 512→11        11       5,643        5,632    all
head.digits.3    fc 512→11        11       5,643        5,632    all
head.digits.4    fc 512→11        11       5,643        5,632    all
head.stack       stack          5×11           0            0    all
total            -              5×11  11,204,727  296,119,808      -

street-resnet50, input 3×64×128
name             operation      output  parameters         MACs  field
features.stem    -            64×16×32       9,536   19,267,584     11
features.stage1  -           256×16×32     215,808  109,051,904     35
features.stage2  -            512×8×16   1,219,584  167,772,160     91
features.stage3  -            1024×4×8   7,098,368  239,075,328    267
features.stage4  -            2048×2×4  14,964,736  132,120,576    427
head.vector      -                2048           0            0    all
head.digits.0    fc 2048→11         11      22,539       22,528    all
head.digits.1    fc 2048→11         11      22,539       22,528    all
head.digits.2    fc 2048→11         11      22,539       22,528    all
head.digits.3    fc 2048→11         11      22,539       22,528    all
head.digits.4    fc 2048→11         11      22,539       22,528    all
head.stack       stack            5×11           0            0    all
total            -                5×11  23,620,727  667,400,192      -

Departures from the tutorials: the code of 001 for ResNet-50 gives its heads 512 inputs,
which cannot run; the map has 2048 channels, and so have the heads. 001 defines a sixth
head and leaves it out of the loss; ``street-cnn-6`` has the head.
"""

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace

from torch import nn

from convatlas.networks import resnet, sizes
from convatlas.networks.network import Network
from convatlas.networks.number_heads import DigitHead
from convatlas.networks.registry import Published, Variant, find, register
from convatlas.networks.resnet_blocks import basic, bottleneck


class StreetCnn(Network):
    """Two convolutions with stride 2, each with ReLU and max pooling, and digit heads.

    Args:
        digits: how many heads look at the flattened map.
    """

    def __init__(
        self,
        classes: int,
        in_channels: int,
        input_size: tuple[int, int],
        digits: int,
    ) -> None:
        features = nn.Sequential(
            OrderedDict(
                conv1=nn.Conv2d(in_channels, 16, 3, stride=2),
                relu1=nn.ReLU(),
                pool1=nn.MaxPool2d(2),
                conv2=nn.Conv2d(16, 32, 3, stride=2),
                relu2=nn.ReLU(),
                pool2=nn.MaxPool2d(2),
            )
        )
        height, width = sizes.map_size(sizes.chain(features), input_size)
        super().__init__(features, DigitHead((32, height, width), digits, classes))


def street_cnn(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """Tutorial 000, section 4.1; PyTorch's own initialisation, as there."""
    return StreetCnn(classes, in_channels, input_size, digits=5)


def street_cnn_6(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """Tutorial 001; PyTorch's own initialisation, as there."""
    return StreetCnn(classes, in_channels, input_size, digits=6)


def street_resnet18(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """Tutorial 000, section 4.2: ResNet-18, global average, five heads 512→11."""
    stem = resnet.imagenet_stem(in_channels)
    widths = resnet.BASIC_WIDTHS
    trunk = resnet.ResNet(stem, basic, widths, (2, 2, 2, 2), classes, input_size)
    return _with_digits(trunk, widths[-1], classes)


def street_resnet50(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """Tutorial 001: ResNet-50, global average, five heads 2048→11."""
    stem = resnet.imagenet_stem(in_channels)
    widths = resnet.BOTTLENECK_WIDTHS
    trunk = resnet.ResNet(stem, bottleneck, widths, (3, 4, 6, 3), classes, input_size)
    return _with_digits(trunk, widths[-1], classes)


def _with_digits(trunk: Network, channels: int, classes: int) -> Network:
    head = DigitHead((channels, 1, 1), digits=5, classes=classes, keep="channels")
    return Network(trunk.features, head)


def trunk_names(network: Network) -> Mapping[str, str]:
    """Paths of the trunk's modules by torchvision's; the heads start anew."""
    names = resnet.torchvision_names(network)
    return {theirs: own for theirs, own in names.items() if theirs != "fc"}


def _trunk_weights(name: str) -> dict[str, Published]:
    return {
        weights: replace(published, names=trunk_names, skipped=("fc",))
        for weights, published in find(name).published.items()
    }


register(
    Variant(
        name="street-cnn",
        family="street",
        title="Tutorial 000, house numbers with five heads",
        year=2020,
        reference="tutorial 000, section 4.1",
        input=(3, 64, 128),
        classes=11,
        sizes="at least 21×21; the heads grow with the map",
        build=street_cnn,
        answers="digits",
    )
)
register(
    Variant(
        name="street-cnn-6",
        family="street",
        title="Tutorial 001, house numbers with six heads",
        year=2020,
        reference="tutorial 001",
        input=(3, 64, 128),
        classes=11,
        sizes="at least 21×21; the heads grow with the map",
        build=street_cnn_6,
        answers="digits",
    )
)
register(
    Variant(
        name="street-resnet18",
        family="street",
        title="Tutorial 000, house numbers with a pre-trained ResNet-18",
        year=2020,
        reference="tutorial 000, section 4.2",
        input=(3, 64, 128),
        classes=11,
        sizes="any",
        build=street_resnet18,
        answers="digits",
        published=_trunk_weights("resnet18"),
    )
)
register(
    Variant(
        name="street-resnet50",
        family="street",
        title="Tutorial 001, house numbers with a pre-trained ResNet-50",
        year=2020,
        reference="tutorial 001",
        input=(3, 64, 128),
        classes=11,
        sizes="any",
        build=street_resnet50,
        answers="digits",
        published=_trunk_weights("resnet50"),
    )
)
