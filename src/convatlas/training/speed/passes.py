"""One network's forward passes, and what is remembered from one to the next."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from convatlas.training.speed.execution import Execution
from convatlas.training.speed.kernels import FasterKernels


class Passes:
    """Faster kernels learn from the first pass of pictures of a size; where none fits,
    the next ones are not asked. A smaller last batch may be such a case.
    """

    def __init__(self) -> None:
        self._kernels: dict[tuple[Execution, torch.Size], FasterKernels | None] = {}

    @contextmanager
    def forward(self, way: Execution, images: Tensor) -> Iterator[None]:
        """Around the network's forward pass and the loss.

        Args:
            way: how it is carried out.
            images: that go in.
        """
        kind = way, images.shape
        if kind not in self._kernels:
            self._kernels[kind] = way.faster_kernels(images.device)
        kernels = self._kernels[kind]
        with way.of_forward(images.device, kernels):
            yield
        if kernels is not None and not kernels.used:
            self._kernels[kind] = None
