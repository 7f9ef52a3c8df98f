"""The arguments of ``conv2d``, as those ask for them who do it in another way."""

from typing import Any, NamedTuple

import torch
from torch import Tensor


class Convolution(NamedTuple):
    """They come in the order of ``torch.conv2d``.

    Attributes:
        images: N C H W.
        weight: O, C over groups, and the kernel's height and width.
        bias: O.
        stride: of both axes or of each; so are ``padding`` and ``dilation``.
        padding: zeros, or "same" or "valid".
        dilation: of the kernel.
        groups: of channels.
    """

    images: Tensor
    weight: Tensor
    bias: Tensor | None = None
    stride: Any = 1
    padding: Any = 0
    dilation: Any = 1
    groups: int = 1

    @property
    def steps(self) -> tuple[int, int]:
        """Down and across."""
        return _of_both_axes(self.stride)

    @property
    def margins(self) -> tuple[int, int] | None:
        """Zeros above and on the left; None where only the kernel tells."""
        if self.padding == "valid":
            return 0, 0
        return None if isinstance(self.padding, str) else _of_both_axes(self.padding)

    @property
    def is_dense(self) -> bool:
        """Whether every output sees all channels and a whole window."""
        return self.groups == 1 and _of_both_axes(self.dilation) == (1, 1)

    @property
    def is_pointwise(self) -> bool:
        """Whether an output sees the channels of its own pixel, and nothing else."""
        plain = self.groups == 1 and self.margins == (0, 0) and self.steps == (1, 1)
        return plain and tuple(self.weight.shape[2:]) == (1, 1)

    @property
    def lies_well(self) -> bool:
        """Whether the pictures are a batch of channels_last that fits the weights."""
        images = self.images
        return (
            images.ndim == 4
            and images.shape[1] == self.weight.shape[1]
            and images.is_contiguous(memory_format=torch.channels_last)
        )


def _of_both_axes(values: Any) -> tuple[int, int]:
    if isinstance(values, int):
        return values, values
    many = tuple(values)
    return (many[0], many[-1])
