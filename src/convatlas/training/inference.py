"""Logits of many pictures, in batches, without gradients."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import cast

import torch
from torch import Tensor, nn

from convatlas.training.group import ALONE, Group
from convatlas.training.speed.execution import Execution
from convatlas.training.speed.passes import Passes
from convatlas.training.speed.usual import for_answers

Transform = Callable[[Tensor], Tensor]


@contextmanager
def evaluating(network: nn.Module) -> Iterator[None]:
    """Evaluation mode and no gradients inside; every module's mode as before after."""
    modes = [(module, module.training) for module in network.modules()]
    network.eval()
    try:
        with torch.inference_mode():
            yield
    finally:
        for module, mode in modes:
            module.training = mode


def logits_of(
    network: nn.Module,
    images: Tensor,
    transform: Transform,
    batch_size: int = 500,
    group: Group = ALONE,
    execution: Execution | None = None,
) -> Tensor:
    """Logits of every picture, in their order.

    Args:
        network: put into evaluation mode meanwhile; its modes are restored.
        images: N C H W, uint8.
        transform: from such pictures to the network's input.
        batch_size: pictures per forward pass.
        group: the processes that share the batches among them.
        execution: of the arithmetic, always in float32 and not compiled; what is usual
            on the device when None.

    Returns:
        N × classes, float32, on the network's device.
    """
    device = next(network.parameters()).device
    way = replace(execution or for_answers(device), precision="float32")

    passes = Passes()

    def answer(batch: Tensor) -> Tensor:
        inputs = way.laid_out(transform(batch.to(device)))
        with passes.forward(way, inputs):
            return cast(Tensor, network(inputs).float())

    with evaluating(network):
        return torch.cat(group.answers(torch.split(images, batch_size), answer))
