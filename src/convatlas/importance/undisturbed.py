"""Attributing without leaving a trace: the network comes back as it was."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from convatlas.anatomy.undisturbed import undisturbed
from convatlas.errors import UsageError

Ready = Callable[[Tensor], Tensor]


@contextmanager
def attributing(network: nn.Module) -> Iterator[Ready]:
    """Evaluation mode with gradients, which no parameter asks for or keeps.

    Hooks, modes, attributes, buffers, ``requires_grad`` and the random state come back;
    ``grad`` is never touched.

    Yields:
        Makes a picture, C H W, a batch of one on the network's device, in its dtype.
    """
    parameters = [(p, p.requires_grad) for p in network.parameters()]
    first = next((p for p, _ in parameters if p.is_floating_point()), None)

    def ready(picture: Tensor) -> Tensor:
        if picture.ndim != 3 or not picture.is_floating_point():
            shape = "×".join(map(str, picture.shape))
            raise UsageError(
                f"a picture of shape {shape}, {picture.dtype}: one picture is needed, "
                "channels×height×width, as the network takes it"
            )
        like = picture if first is None else first
        return picture.detach().to(like.device, like.dtype)[None].clone()

    with undisturbed(network, buffers=True), torch.enable_grad():
        for parameter, _ in parameters:
            parameter.requires_grad_(False)
        try:
            yield ready
        finally:
            for parameter, asked in parameters:
                parameter.requires_grad_(asked)
