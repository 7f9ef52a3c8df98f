"""A convolution of stacked 1×1 convolutions as one of what those were given.

Without an activation between, both are linear: the sum over the channels in the middle
belongs to the weights. It pays where these channels are more than those before them, as
in googlenet-mini, whose second 5×5 convolution then sees 58 channels instead of 88.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from convatlas.training.speed.convolution import Convolution
from convatlas.training.speed.deferred import Deferred, size_of


def can_compose(given: Convolution) -> bool:
    """Whether 1×1 convolutions before this one can vanish.

    With padding they cannot: the zeros around lack their biases.
    """
    fits = given.groups == 1 and given.margins == (0, 0)
    return fits and len(size_of(given.images)) == 4


def composed_convolution(
    convolve: Callable[..., Tensor], stacked: Deferred, given: Convolution
) -> Tensor:
    """The convolution of ``stacked``, with the gradients of all weights.

    Args:
        convolve: ``conv2d`` or a faster one.
        stacked: a deferred ``cat`` of maps, some of them deferred 1×1 convolutions.
        given: of which that are the pictures; ``can_compose``.
    """
    weight, bias = given.weight, given.bias
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
    images = torch.cat(maps, dim=1)
    return convolve(*given._replace(images=images, weight=wide, bias=bias))
