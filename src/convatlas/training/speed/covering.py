"""Convolutions whose kernel covers the whole map wherever it lies, as products.

So do 3×3 kernels with padding 1 on maps of 2×2 or 1×1, the last ones of most networks
on small pictures. Each place of the kernel then is a product of the whole map with a
cutting of the weights: nothing is multiplied with padding, and no rows are gathered.

On one core of a busy Xeon with AMX, float32, forward and backward, medians of 7 in turn
with torch's: 512 to 512 channels, 3×3, batch 128, map 1×1 43 and 5 ms, 2×2 275 and 71,
2×2 with stride 2 139 and 20; batch 32, map 2×2 65 and 20. With 8 pictures as long as
torch's at 256 channels and 2×2, with one 3 times as long. A whole step of resnet18 on
3×32×32, processor time, medians of 10 in turn: batch 64 in float32 265 and 167 ms, in
bf16 280 and 133; batch 128 in bf16 2.4 times as fast. A 5×5 kernel on a whole 5×5 map,
16 to 120 channels, batch 256: 2.8 and .6 ms, the fastest of 25 to 40 runs. No other
processor was tried.
"""

from functools import lru_cache
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import functional as F

from convatlas.training.speed.convolution import Convolution

# Each place of the kernel costs a copy of the weights, which pictures have to repay:
# 5×5 on 3×3 (9 places) took half as long with 32 of them, 1.6 times as long with 8.
MOST_PLACES = 9
FEWEST_PICTURES = 4  # for each place

Places = tuple[tuple[slice, slice], ...]  # the kernel's rows and columns on the map


def covering_convolution(*args: Any, **kwargs: Any) -> Tensor | None:
    """A ``Convolution`` whose kernel always covers the whole map, as a product.

    None where it does not, or where too few pictures share the copy of the weights.
    """
    given = Convolution(*args, **kwargs)
    margins = given.margins
    if margins is None or not (given.is_dense and given.lies_well):
        return None
    images, weight, bias, *_ = given
    count, channels, *size = images.shape
    kernel, steps = weight.shape[2:], given.steps
    down = _along(size[0], kernel[0], steps[0], margins[0])
    across = _along(size[1], kernel[1], steps[1], margins[1])
    if not 1 <= len(down) * len(across) <= MOST_PLACES or kernel.numel() == 1:
        return None
    whole = kernel == images.shape[2:]
    if not whole and count < FEWEST_PICTURES * len(down) * len(across):
        return None
    rows = images.permute(0, 2, 3, 1).flatten(1)
    if whole:
        columns = weight.permute(0, 2, 3, 1).flatten(1)
    else:
        places = tuple((rows, columns) for rows in down for columns in across)
        columns = cast(Tensor, _Cuttings.apply(weight, places))
        bias = None if bias is None else bias.repeat(len(places))
    result = F.linear(rows, columns, bias)
    return result.view(count, len(down), len(across), -1).permute(0, 3, 1, 2)


class _Cuttings(torch.autograd.Function):
    """From O C Y X to (places · O) × (H · W · C): what lies on the map at each place.

    Indexing would do the same; its gradient would be a whole kernel for each place.
    """

    @staticmethod
    def forward(ctx: Any, weight: Tensor, places: Places) -> Tensor:
        ctx.places, ctx.shape = places, weight.shape
        taps = weight.permute(0, 2, 3, 1)
        cuttings = torch.stack([taps[:, rows, columns] for rows, columns in places])
        return cuttings.view(len(places) * len(weight), -1)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        many, channels, height, width = ctx.shape
        rows, columns = ctx.places[0]
        size = rows.stop - rows.start, columns.stop - columns.start
        cuttings = gradients[0].view(-1, many, *size, channels)
        taps = cuttings.new_zeros(many, height, width, channels)
        for cutting, (rows, columns) in zip(cuttings, ctx.places, strict=True):
            taps[:, rows, columns] += cutting
        return taps.permute(0, 3, 1, 2), None


@lru_cache
def _along(size: int, kernel: int, stride: int, padding: int) -> tuple[slice, ...]:
    """The kernel's part on the map, place by place; none if it ever covers less."""
    count = (size + 2 * padding - kernel) // stride + 1
    starts = [padding - place * stride for place in range(count)]
    if any(start < 0 or start + size > kernel for start in starts):
        return ()
    return tuple(slice(start, start + size) for start in starts)
