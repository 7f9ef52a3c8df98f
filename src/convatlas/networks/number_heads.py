"""Heads that read numbers: side by side, length first, by attention, by columns.

``logits = head(features(images))``: any network can carry any of them, see ``carry``.
"""

from collections import OrderedDict
from collections.abc import Callable
from typing import Literal

import torch
from torch import Tensor, nn

from convatlas.errors import InputSizeError, NetworkError
from convatlas.networks.blocks import GlobalAveragePool
from convatlas.networks.heads import map_shape
from convatlas.networks.network import Network

Keep = Literal["all", "columns", "channels"]
Shape = tuple[int, int, int]


class ColumnAverage(nn.Module):
    """The mean over the height, which keeps the reading order: N C H W to N C W."""

    def forward(self, images: Tensor) -> Tensor:
        return images.mean(dim=2)


class DigitHead(nn.Module):
    """One dense layer for each digit of a number, all looking at the same features.

    Gives N × digits × classes. With the tutorials' 11 classes, class 10 means that the
    number has no digit at this place.

    Args:
        shape: (channels, height, width) of the map that arrives.
        digits: how many digits a number may have.
        classes: logits of each digit.
        keep: ``"all"`` flattens the map; ``"columns"`` averages over the height, which
            keeps the reading order; ``"channels"`` averages over the whole map.
    """

    def __init__(
        self,
        shape: tuple[int, int, int],
        digits: int = 5,
        classes: int = 11,
        keep: Keep = "all",
    ) -> None:
        super().__init__()
        if digits < 1:
            raise NetworkError(f"digits = {digits}: a number needs at least one")
        channels, height, width = shape
        vector: OrderedDict[str, nn.Module] = OrderedDict()
        inputs = channels * height * width
        if keep == "channels":
            vector["pool"] = GlobalAveragePool()
            inputs = channels
        elif keep == "columns":
            vector["pool"] = ColumnAverage()
            inputs = channels * width
        vector["flatten"] = nn.Flatten()
        self.vector = nn.Sequential(vector)
        self.digits = nn.ModuleList(nn.Linear(inputs, classes) for _ in range(digits))
        self.stack = Stack()

    def forward(self, images: Tensor) -> Tensor:
        vector = self.vector(images)
        logits: Tensor = self.stack(*(digit(vector) for digit in self.digits))
        return logits


class Stack(nn.Module):
    """Logits of single digits, N × classes each, to N × digits × classes."""

    def forward(self, *logits: Tensor) -> Tensor:
        return torch.stack(logits, dim=1)


class LengthHead(nn.Module):
    """The length of the number, then its digits (Goodfellow et al. 2013, section 3).

    Gives N × (digits + 2 + 10 · digits): logits of the lengths 0 ... digits and of
    'longer', then ten of each digit, all from the map averaged over its height.

    Args:
        shape: (channels, height, width) of the map that arrives.
        digits: how many digits a number may have.
    """

    def __init__(self, shape: Shape, digits: int = 5) -> None:
        super().__init__()
        channels, _, width = shape
        self.pool = ColumnAverage()
        self.flatten = nn.Flatten()
        self.length = nn.Linear(channels * width, digits + 2)
        self.digits = nn.Linear(channels * width, 10 * digits)
        self.join = Join()

    def forward(self, images: Tensor) -> Tensor:
        vector = self.flatten(self.pool(images))
        logits: Tensor = self.join(self.length(vector), self.digits(vector))
        return logits


class Join(nn.Module):
    """Logits side by side in one vector."""

    def forward(self, *logits: Tensor) -> Tensor:
        return torch.cat(logits, dim=1)


class AttentionHead(nn.Module):
    """Each digit looks at the map through an attention map of its own.

    Gives N × digits × classes. A 1×1 convolution scores every position for every digit;
    the softmax over the positions weighs the map, and one dense layer that all digits
    share tells the class, so that rare late digits profit from the frequent first ones.
    The place of a position in the reading order must be known to the map, that is its
    receptive field must be wide.

    Args:
        shape: (channels, height, width) of the map that arrives.
        digits: how many digits a number may have.
        classes: logits of each digit.
    """

    def __init__(self, shape: Shape, digits: int = 5, classes: int = 11) -> None:
        super().__init__()
        channels, height, width = shape
        self.scores = nn.Conv2d(channels, digits, 1)
        self.attend = Attend()
        self.fc = nn.Linear(channels, classes)

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.fc(self.attend(images, self.scores(images)))
        return logits


class Attend(nn.Module):
    """Means of a map, N C H W, weighted by the softmax of scores, N D H W: N D C."""

    def forward(self, images: Tensor, scores: Tensor) -> Tensor:
        weights = scores.flatten(2).softmax(dim=2)
        return weights @ images.flatten(2).transpose(1, 2)


class ColumnsHead(nn.Module):
    """A class for every column of the map: N × columns × classes.

    For connectionist temporal classification (Graves et al. 2006): the last class is
    the blank between digits.

    Args:
        shape: (channels, height, width) of the map that arrives.
        digits: how many digits a number may have.
        classes: logits of each column.

    Raises:
        InputSizeError: fewer columns than a number of the same digit again and again
            needs, which is twice its length less one.
    """

    def __init__(self, shape: Shape, digits: int = 5, classes: int = 11) -> None:
        super().__init__()
        channels, _, width = shape
        if width < 2 * digits - 1:
            raise InputSizeError(
                f"the map has {width} columns; numbers of {digits} digits need "
                f"{2 * digits - 1}: take a wider input or a network that halves less"
            )
        self.pool = ColumnAverage()
        self.fc = nn.Conv1d(channels, classes, 1)
        self.turn = Turn()

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.turn(self.fc(self.pool(images)))
        return logits


class Turn(nn.Module):
    """N × classes × columns to N × columns × classes."""

    def forward(self, logits: Tensor) -> Tensor:
        return logits.transpose(1, 2)


Kind = Literal["digits", "attention", "length", "columns"]
HEADS: dict[Kind, Callable[[Shape, int, int], nn.Module]] = {
    "digits": lambda shape, digits, classes: DigitHead(shape, digits, classes),
    "attention": AttentionHead,
    "length": lambda shape, digits, classes: LengthHead(shape, digits),
    "columns": ColumnsHead,
}


def carry(
    network: Network,
    input: Shape,
    *,
    head: Kind = "digits",
    digits: int = 5,
    classes: int = 11,
) -> Network:
    """The features of any network under a head that reads numbers.

    Args:
        network: gives its features; left unchanged itself (but they are shared).
        input: (channels, height, width) of the images.
        head: ``"digits"``: a dense layer a digit; ``"attention"``: a look a digit;
            ``"length"``: length and digits; ``"columns"``: a class a column.
        digits: how many digits a number may have.
        classes: logits of each digit.

    Raises:
        NetworkError: the features do not end in a map of channels × height × width.
    """
    shape = map_shape(network.features, input)
    if len(shape) != 3:
        raise NetworkError(
            f"the features end in a shape of {shape}; a head for digits needs "
            "channels × height × width"
        )
    channels, height, width = shape
    return Network(
        network.features, HEADS[head]((channels, height, width), digits, classes)
    )
