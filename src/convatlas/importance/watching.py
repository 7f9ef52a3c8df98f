"""What a layer takes in or gives out for many pictures, batch by batch."""

from collections.abc import Iterator
from typing import Any, Literal

import torch
from torch import Tensor, nn

from convatlas.errors import NetworkError
from convatlas.importance.pictures import Pictures
from convatlas.importance.undisturbed import attributing
from convatlas.progress import Progress, silent

Side = Literal["input", "output"]


def watched(
    network: nn.Module,
    layer: str,
    pictures: Pictures,
    *,
    side: Side = "output",
    rows: Tensor | None = None,
    progress: Progress = silent,
    what: str = "pictures",
) -> Iterator[tuple[Tensor, Tensor]]:
    """Rows and a copy of the layer's output or first input, N first, without gradients.

    Of a module that is used several times, its last use.
    """
    caught: list[Tensor] = []

    def before(module: nn.Module, args: Any) -> None:
        if side == "input" and args:
            caught[:] = [args[0].clone()]

    def after(module: nn.Module, args: Any, result: Any) -> None:
        if side == "output" and isinstance(result, Tensor):
            caught[:] = [result.clone()]

    module = network.get_submodule(layer)
    with attributing(network), torch.no_grad():
        like = next(iter(network.parameters()), None)
        handles = [
            module.register_forward_pre_hook(before),
            module.register_forward_hook(after),
        ]
        try:
            for part, images in pictures.batches(rows, progress, what):
                caught.clear()
                network(images if like is None else images.to(like))
                if not caught or len(caught[0]) != len(part):
                    raise NetworkError(f"{layer} gives no tensor with a row a picture")
                yield part, caught[0]
        finally:
            for handle in handles:
                handle.remove()
