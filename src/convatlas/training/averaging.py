"""The exponential moving average of the weights."""

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

Tensors = tuple[Tensor, ...] | list[Tensor]


def averaged(network: nn.Module, decay: float) -> AveragedModel:
    """A copy whose weights follow those of ``network`` at every ``update_parameters``.

    The decay rises from .1 towards ``decay`` as (1 + n) / (10 + n), so that a short
    training is not dominated by its first weights. The statistics of norms are averaged
    with the weights that they belong to; counters are copied.
    """

    def follow(averages: Tensors, values: Tensors, count: Tensor | int) -> None:
        if not averages[0].is_floating_point():
            torch._foreach_copy_(averages, values)
            return
        n = int(count)
        torch._foreach_lerp_(averages, values, 1 - min(decay, (1 + n) / (10 + n)))

    return AveragedModel(network, multi_avg_fn=follow, use_buffers=True)
