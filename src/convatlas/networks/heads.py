"""Heads: from the last map to logits of classes, or of the digits of a number.

``logits = head(features(images))``: any network can carry any head, see ``carry``.
"""

from collections import OrderedDict
from typing import Literal

import torch
from torch import Tensor, nn

from convatlas.errors import NetworkError
from convatlas.networks.blocks import GlobalAveragePool
from convatlas.networks.network import Network

Keep = Literal["all", "columns", "channels"]


def class_head(channels: int, classes: int, dropout: float = 0.0) -> nn.Sequential:
    """Global average, then one dense layer.

    Args:
        channels: of the map that arrives.
        classes: logits to give.
        dropout: probability before the dense layer; 0: no such layer.
    """
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    layers["pool"] = GlobalAveragePool()
    layers["flatten"] = nn.Flatten()
    if dropout > 0:
        layers["dropout"] = nn.Dropout(dropout)
    layers["fc"] = nn.Linear(channels, classes)
    return nn.Sequential(layers)


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


def carry(
    network: Network,
    input: tuple[int, int, int],
    *,
    digits: int = 5,
    classes: int = 11,
    keep: Keep = "columns",
) -> Network:
    """The features of any network under a head that reads numbers.

    Args:
        network: gives its features; left unchanged itself (but they are shared).
        input: (channels, height, width) of the images.
        digits: how many digits a number may have.
        classes: logits of each digit.
        keep: what the digits see of the map, as in ``DigitHead``.

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
        network.features, DigitHead((channels, height, width), digits, classes, keep)
    )


def map_shape(features: nn.Module, input: tuple[int, int, int]) -> tuple[int, ...]:
    """Shape of what the features give for one image, found without any arithmetic.

    Args:
        features: any module.
        input: (channels, height, width) of the images.
    """
    states = {
        name: torch.empty_like(tensor, device="meta")
        for name, tensor in (*features.named_parameters(), *features.named_buffers())
    }
    modes = [(module, module.training) for module in features.modules()]
    features.eval()
    try:
        image = torch.empty(1, *input, device="meta")
        output = torch.func.functional_call(features, states, (image,))
    finally:
        for module, training in modes:
            module.training = training
    return tuple(output.shape[1:])
