"""Initial weights as papers, or the code their authors released, give them."""

import math

from torch import nn


def fan_out(network: nn.Module) -> None:
    """Normal, variance 2 / (k² · output channels); dense biases 0.

    He et al. 2015 (arXiv:1502.01852), eq. 14, as in the code that the authors of the
    pre-activation ResNets and of DenseNet released; dense weights keep PyTorch's start,
    which is that of their framework.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        elif isinstance(module, nn.Linear):
            nn.init.zeros_(module.bias)


def truncated_fan_in(network: nn.Module) -> None:
    """Normal cut at two standard deviations, variance 2 / fan-in after the cut.

    What Google's release of the Inception networks gives every layer that has no value
    of its own; biases 0.
    """
    for module in network.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            fan_in = module.weight[0].numel()
            truncated(module, math.sqrt(1.3 * 2 / fan_in))  # 1.3 makes up for the cut


def truncated(layer: nn.Conv2d | nn.Linear, std: float) -> None:
    """Normal with this standard deviation, cut at twice of it; biases 0."""
    nn.init.trunc_normal_(layer.weight, std=std, a=-2 * std, b=2 * std)
    if layer.bias is not None:
        nn.init.zeros_(layer.bias)
