"""The head of one class, and the shape of the map that any head gets."""

from collections import OrderedDict

import torch
from torch import nn

from convatlas.networks.blocks import GlobalAveragePool


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
