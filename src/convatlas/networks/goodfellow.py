"""Eleven hidden layers that read a whole house number at once.

Source: Goodfellow, Bulatov, Ibarz, Arnoud & Shet, "Multi-digit Number Recognition from
Street View Imagery using Deep Convolutional Neural Networks", arXiv:1312.6082 (2013),
section 5.1: eight convolutions, a locally connected layer, two dense ones; figure 8 for
the six classifiers. Input 3×54×54, a random crop of 64×64; ten classes a digit.

The logits are those of the length (0 to 5 digits, or more) and of five digits in one
vector; ``Goodfellow.length_and_digits`` parts them.

goodfellow11, input 3×54×54
name             operation        output  parameters         MACs  field
features.layer1  -              48×27×27      10,944   31,492,800     10
features.layer2  -              64×27×27      76,864   55,987,200     24
features.layer3  -             128×14×14     204,928  149,299,200     42
features.layer4  -             160×14×14     512,160  100,352,000     70
features.layer5  -               192×7×7     768,192  150,528,000    106
features.layer6  -               192×7×7     921,792   45,158,400    162
features.layer7  -               192×4×4     921,792   45,158,400    234
features.layer8  -               192×4×4     921,792   14,745,600    346
features.local9  -               192×4×4  14,748,672   14,745,600    410
head.fc10        fc 3072→3072       3072   9,440,256    9,437,184    all
head.fc11        fc 3072→3072       3072   9,440,256    9,437,184    all
head.number      NumberHead           57     175,161      175,104    all
total            -                    57  38,142,809  626,516,672      -

Departures from the paper, which gives no table: where it leaves a choice, this is ours.
* Pooling with stride 2 counts a half window at the border (54, 27, 14, 7, 4); pooling
  with stride 1 repeats the last row and column, so that it keeps the size as the text
  demands.
* Subtractive normalisation takes the plain mean of 3×3 pixels of the same map, without
  the border's padding.
* The locally connected layer has 5×5 windows as all others, no pooling and no
  normalisation. Dropout takes half.
* Initial weights are He's; the paper does not name its own.
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn

from convatlas.errors import InputSizeError
from convatlas.networks import sizes
from convatlas.networks.init import initialise
from convatlas.networks.network import Network
from convatlas.networks.number_heads import Join
from convatlas.networks.registry import Variant, register

LENGTHS = 7  # 0 to 5 digits, and more than 5
DIGITS = 5


class Maxout(nn.Module):
    """The largest of each group of neighbouring channels (arXiv:1302.4389).

    Args:
        pieces: channels of a group.
    """

    def __init__(self, pieces: int) -> None:
        super().__init__()
        self.pieces = pieces

    def forward(self, images: Tensor) -> Tensor:
        batch, channels, height, width = images.shape
        groups = images.reshape(
            batch, channels // self.pieces, self.pieces, height, width
        )
        return groups.amax(dim=2)


class SubtractiveNorm(nn.Module):
    """Subtracts from every pixel the mean of its 3×3 neighbourhood in its own map."""

    def __init__(self) -> None:
        super().__init__()
        self.mean = nn.AvgPool2d(3, 1, padding=1, count_include_pad=False)

    def forward(self, images: Tensor) -> Tensor:
        mean: Tensor = self.mean(images)
        return images - mean


class LocallyConnected2d(nn.Module):
    """A convolution whose filters differ from position to position.

    Args:
        in_channels: of the map that arrives.
        out_channels: of the map to give, which has the same height and width.
        size: (height, width) of both maps.
        kernel: side of the window, odd; the border is padded with zeros.
    """

    def __init__(
        self, in_channels: int, out_channels: int, size: tuple[int, int], kernel: int
    ) -> None:
        super().__init__()
        self.patches = nn.Unfold(kernel, padding=kernel // 2)
        positions, inputs = size[0] * size[1], in_channels * kernel**2
        self.weight = nn.Parameter(torch.empty(positions, inputs, out_channels))
        self.bias = nn.Parameter(torch.zeros(out_channels, *size))
        nn.init.normal_(self.weight, std=(2 / inputs) ** 0.5)

    def forward(self, images: Tensor) -> Tensor:
        patches: Tensor = self.patches(images)  # N, inputs, positions
        outputs = torch.bmm(patches.permute(2, 0, 1), self.weight).permute(1, 2, 0)
        return outputs.reshape(images.shape[0], *self.bias.shape) + self.bias


class NumberHead(nn.Module):
    """Six dense layers side by side: the length of the number and its five digits.

    Gives N × 57: seven logits of the length, then ten of each digit.
    """

    def __init__(self, inputs: int, classes: int) -> None:
        super().__init__()
        self.length = nn.Linear(inputs, LENGTHS)
        self.digits = nn.ModuleList(nn.Linear(inputs, classes) for _ in range(DIGITS))
        self.join = Join()

    def forward(self, vector: Tensor) -> Tensor:
        logits: Tensor = self.join(
            self.length(vector), *(digit(vector) for digit in self.digits)
        )
        return logits


class Goodfellow(Network):
    """Eight convolutions, one locally connected layer, two dense ones, six outputs."""

    def __init__(
        self, classes: int, in_channels: int, input_size: tuple[int, int]
    ) -> None:
        layers: OrderedDict[str, nn.Module] = OrderedDict()
        channels = in_channels
        for number, width in enumerate((48, 64, 128, 160, 192, 192, 192, 192), start=1):
            layers[f"layer{number}"] = layer(channels, width, number)
            channels = width
        steps = sizes.chain(nn.Sequential(layers))
        halving = [(name, step) for name, step in steps if name.endswith("pool")]
        size = sizes.map_size(
            [pair for index, pair in enumerate(halving) if index % 2 == 0], input_size
        )
        if min(size) < 2:
            raise InputSizeError(
                f"input {sizes.text(input_size)}: a map of {sizes.text(size)} arrives "
                "at features.layer8.norm, which would leave nothing of it; the input "
                "needs at least 17×17"
            )
        layers["local9"] = nn.Sequential(
            OrderedDict(
                local=LocallyConnected2d(192, 192, size, 5),
                relu=nn.ReLU(),
                dropout=nn.Dropout(0.5),
            )
        )
        head = nn.Sequential(
            OrderedDict(
                flatten=nn.Flatten(),
                fc10=nn.Linear(192 * size[0] * size[1], 3072),
                relu10=nn.ReLU(),
                dropout10=nn.Dropout(0.5),
                fc11=nn.Linear(3072, 3072),
                relu11=nn.ReLU(),
                dropout11=nn.Dropout(0.5),
                number=NumberHead(3072, classes),
            )
        )
        super().__init__(nn.Sequential(layers), head)
        initialise(self, "kaiming")  # the paper does not say

    @staticmethod
    def length_and_digits(logits: Tensor) -> tuple[Tensor, Tensor]:
        """The two parts of the logits.

        Args:
            logits: N × 57 as the network gives them (with ten classes).

        Returns:
            Of the length, N × 7 (0 to 5, and more); of the digits, N × 5 × 10.
        """
        length, digits = logits[:, :LENGTHS], logits[:, LENGTHS:]
        return length, digits.reshape(logits.shape[0], DIGITS, -1)


def layer(in_channels: int, width: int, number: int) -> nn.Sequential:
    """Convolution, activation, pooling, normalisation, dropout; odd ones halve."""
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    if number == 1:
        layers["conv"] = nn.Conv2d(in_channels, 3 * width, 5, padding=2)
        layers["maxout"] = Maxout(3)
    else:
        layers["conv"] = nn.Conv2d(in_channels, width, 5, padding=2)
        layers["relu"] = nn.ReLU()
    if number % 2:
        layers["pool"] = nn.MaxPool2d(2, 2, ceil_mode=True)
    else:
        layers["edge"] = nn.ReplicationPad2d((0, 1, 0, 1))  # keeps height and width
        layers["pool"] = nn.MaxPool2d(2, 1)
    layers["norm"] = SubtractiveNorm()
    layers["dropout"] = nn.Dropout(0.5)
    return nn.Sequential(layers)


def goodfellow11(
    *, classes: int, in_channels: int, input_size: tuple[int, int]
) -> Network:
    """The best network of section 5.1."""
    return Goodfellow(classes, in_channels, input_size)


register(
    Variant(
        name="goodfellow11",
        family="goodfellow",
        title="Multi-digit Number Recognition from Street View Imagery using Deep "
        "Convolutional Neural Networks",
        year=2013,
        reference="Goodfellow et al., arXiv:1312.6082, section 5.1",
        input=(3, 54, 54),
        classes=10,
        sizes="at least 17×17; the locally connected and the first dense layer grow "
        "with the map",
        build=goodfellow11,
        answers="length",
    )
)
