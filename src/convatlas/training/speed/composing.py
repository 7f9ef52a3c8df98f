"""A convolution of stacked 1×1 convolutions as one of what those were given.

Without an activation between, both are linear: the sum over the channels in the middle
belongs to the weights. It pays where these channels are more than those before them, as
in googlenet-mini, whose second 5×5 convolution then sees 58 channels instead of 88.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from convatlas.training.speed.covering import of_both_axes
from convatlas.training.speed.deferred import Deferred, size_of


def is_pointwise(
    images: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> bool:
    """Whether these arguments of ``conv2d`` are those of a plain 1×1 convolution."""
    return (
        tuple(weight.shape[2:]) == (1, 1)
        and of_both_axes(stride) == (1, 1)
        and can_compose(images, weight, bias, stride, padding, dilation, groups)
    )


def can_compose(
    images: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: Any = 1,
    padding: Any = 0,
    dilation: Any = 1,
    groups: int = 1,
) -> bool:
    """Whether these arguments of ``conv2d`` let 1×1 convolutions before it vanish.

    With padding they do not: the zeros around lack the biases of those.
    """
    unpadded = padding == "valid" or (
        not isinstance(padding, str) and of_both_axes(padding) == (0, 0)
    )
    return unpadded and len(size_of(images)) == 4 and groups == 1


def composed_convolution(
    convolve: Callable[..., Tensor],
    stacked: Deferred,
    weight: Tensor,
    bias: Tensor | None = None,
    *rest: Any,
) -> Tensor:
    """``conv2d`` of ``stacked``, with the gradients of all weights.

    Args:
        convolve: ``conv2d`` or a faster one.
        stacked: a deferred ``cat`` of maps, some of them deferred 1×1 convolutions.
        weight: O C and the kernel's height and width.
        bias: O.
        rest: stride, padding and so on, such that ``can_compose``.
    """
    maps: list[Tensor] = []
    weights: list[Tensor] = []  # O, height, width, channels of a map
    sources: dict[int, tuple[Tensor, list[Tensor], list[Tensor]]] = {}
    stack = stacked.given()[0]
    sizes = [size_of(one)[1] for one in stack]
    columns = torch.split(weight.permute(0, 2, 3, 1), sizes, dim=3)
    for one, outer in zip(stack, columns, strict=True):
        if not isinstance(one, Deferred):
            maps.append(one)
            weights.append(outer)
            continue
        source, inner, inner_bias = (*one.given(), None)[:3]
        _, outers, inners = sources.setdefault(id(source), (source, [], []))
        outers.append(outer)
        inners.append(inner.flatten(1))
        if inner_bias is not None:
            constant = outer.sum((1, 2)) @ inner_bias
            bias = constant if bias is None else bias + constant
    for source, outers, inners in sources.values():
        maps.append(source)
        weights.append(torch.cat(outers, dim=3) @ torch.cat(inners))
    wide = torch.cat(weights, dim=3).permute(0, 3, 1, 2)
    return convolve(torch.cat(maps, dim=1), wide, bias, *rest)
