"""3×3 and 5×5 convolutions of many channels with half of the multiplications or less.

Winograd's minimal filtering as Lavin & Gray 2016 (arXiv:1509.09308) bring it to
convolutions: a map is cut into overlapping windows, windows and kernels are transformed
by small constant matrices, multiplied element by element (over all channels that is a
product of matrices for each element), and transformed back. 4×4 outputs of a 3×3
kernel take 36 products instead of 144. Here all of it is matrix products, and so are
the gradients, which go the same way backwards.

What it is worth and how it rounds: docs/results/winograd.md. That is 1.3 to 2.8 times
as fast as torch's, with errors below 5e-6, on one core of a Xeon with AMX; no other
processor was tried.
"""

from functools import lru_cache
from typing import Any, cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convatlas.training.speed.convolution import Convolution
from convatlas.training.speed.cutting import Axis, cheapest_cut, may_pay
from convatlas.training.speed.toom_cook import Matrices, matrices

KERNELS = (3, 5)
# Numbers of the largest of the intermediate results: more than the first are made in
# parts of the second, and made again for the gradients. 96 to 256 channels, 5×5, 128
# maps of 26×26 take 845 ms so, 994 in parts of the first size, torch 1,479 (medians of
# 3 on one core of a Xeon with AMX; AlexNet's step on two gains 2 %). Maps that the
# first size holds are slower in parts.
MOST_NUMBERS, PART = 2**24, 2**20


def may_fit(network: nn.Module) -> bool:
    """Whether any convolution of a network could be carried out so."""
    return any(
        isinstance(part, nn.Conv2d)
        and part.groups == 1
        and part.stride == part.dilation == (1, 1)
        and part.kernel_size in [(size, size) for size in KERNELS]
        and may_pay(part.weight.shape)
        for part in network.modules()
    )


def winograd_convolution(*args: Any, **kwargs: Any) -> Tensor | None:
    """A ``Convolution`` of 3×3 or 5×5 with stride 1; None where it does not pay.

    Pictures and weights are float32 or float64, the padding is less than the kernel.
    """
    given = Convolution(*args, **kwargs)
    images, weight, bias, *_ = given
    margins = given.margins
    if (
        margins is None
        or not (given.is_dense and given.lies_well)
        or given.steps != (1, 1)
        or weight.shape[2] != weight.shape[3]
        or weight.shape[2] not in KERNELS
        or images.dtype not in (torch.float32, torch.float64)
        or images.dtype != weight.dtype
        or torch.is_autocast_enabled("cpu")  # bf16 would lose too much
    ):
        return None
    cut = cheapest_cut(len(images), weight.shape, tuple(images.shape[2:]), margins)
    if cut is None:
        return None
    result = cast(Tensor, _Winograd.apply(images, weight, *cut))
    return result if bias is None else result + bias.view(-1, 1, 1)


class _Winograd(torch.autograd.Function):
    """Numbers of windows are flattened to places × (windows · channels).

    Windows of a batch that is more than one part are made anew for the gradients: they
    are 2.25 times as many numbers as the map or more. Keeping them saves a tenth.
    """

    @staticmethod
    def forward(
        ctx: Any, images: Tensor, weight: Tensor, down: Axis, across: Axis
    ) -> Tensor:
        by = _matrices(down, across, images.dtype)
        many, channels, *kernel = weight.shape
        taps = weight.permute(2, 3, 0, 1).reshape(kernel[0] * kernel[1], -1)
        kernels = (by.kernels @ taps).view(-1, many, channels)
        result = images.new_empty(len(images), down.outputs, across.outputs, many)
        parts = _parts(images, kernels, down, across)
        for part in parts:
            windows = _windows(images[part], by, down, across)
            products = torch.bmm(windows, kernels.transpose(1, 2))
            made = (by.outputs @ products.flatten(1)).view(
                down.step, across.step, -1, down.count, across.count, many
            )
            tiles = made.permute(2, 3, 0, 4, 1, 5)
            _untiled(tiles, result[part], down, across)
        ctx.save_for_backward(images if parts[1:] else windows, kernels)
        ctx.cut = parts, down, across
        return result.permute(0, 3, 1, 2)

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(
        ctx: Any, *gradients: Tensor
    ) -> tuple[Tensor | None, Tensor | None, None, None]:
        kept, kernels = ctx.saved_tensors
        parts, down, across = ctx.cut
        by = _matrices(down, across, kept.dtype)
        places, many, channels = kernels.shape
        towards = gradients[0].permute(0, 2, 3, 1)
        over = (0, 0, 0, across.made - across.outputs, 0, down.made - down.outputs)
        if any(over):
            towards = F.pad(towards, over)
        for_images = for_kernels = for_weight = None
        if ctx.needs_input_grad[0]:
            size = down.padded, across.padded
            for_images = kept.new_zeros(len(towards), *size, channels)
        for part in parts:
            tiles = towards[part].reshape(
                -1, down.count, down.step, across.count, across.step, many
            )
            flat = tiles.permute(2, 4, 0, 1, 3, 5).reshape(len(by.outputs), -1)
            products = (by.outputs.T @ flat).view(places, -1, many)
            if ctx.needs_input_grad[1]:
                windows = _windows(kept[part], by, down, across) if parts[1:] else kept
                if for_kernels is None:
                    for_kernels = torch.bmm(products.transpose(1, 2), windows)
                else:
                    for_kernels.baddbmm_(products.transpose(1, 2), windows)
            if for_images is not None:
                each = by.windows.T @ torch.bmm(products, kernels).flatten(1)
                _overlay(each, for_images[part], down, across)
        if for_kernels is not None:
            taps = (by.kernels.T @ for_kernels.flatten(1)).view(
                down.kernel, across.kernel, many, channels
            )
            for_weight = taps.permute(2, 3, 0, 1)
        if for_images is not None:
            rows = slice(down.padding, down.padding + down.size)
            columns = slice(across.padding, across.padding + across.size)
            for_images = for_images[:, rows, columns].permute(0, 3, 1, 2)
        return for_images, for_weight, None, None


def _parts(images: Tensor, kernels: Tensor, down: Axis, across: Axis) -> list[slice]:
    """Of the pictures, so that what is made of a part stays small."""
    each = len(kernels) * down.count * across.count * max(kernels.shape[1:])
    count = MOST_NUMBERS // each
    if count < len(images):
        count = max(1, PART // each)
    return [slice(start, start + count) for start in range(0, len(images), count)]


def _windows(images: Tensor, by: Matrices, down: Axis, across: Axis) -> Tensor:
    """The windows of N C H W, transformed: places, windows, C."""
    sides = (0, 0, *across.margins, *down.margins)
    padded = F.pad(images.permute(0, 2, 3, 1), sides)
    count, *_, channels = padded.shape
    picture, row, column, one = padded.stride()
    shape = (down.window, across.window, count, down.count, across.count, channels)
    strides = (row, column, picture, row * down.step, column * across.step, one)
    flat = padded.as_strided(shape, strides).reshape(len(by.windows), -1)
    return (by.windows @ flat).view(len(by.windows), -1, channels)


def _untiled(tiles: Tensor, result: Tensor, down: Axis, across: Axis) -> None:
    """N, down, row, across, column, C to N H W C, without what is over the edge."""
    if (down.made, across.made) == (down.outputs, across.outputs):
        result.view(tiles.shape).copy_(tiles)
    else:
        whole = tiles.reshape(-1, down.made, across.made, tiles.shape[-1])
        result.copy_(whole[:, : down.outputs, : across.outputs])


def _overlay(flat: Tensor, padded: Tensor, down: Axis, across: Axis) -> None:
    """Adds flattened windows to N H W C where they lie; they overlap."""
    windows = flat.view(
        down.window, across.window, -1, down.count, across.count, padded.shape[-1]
    )
    for row in range(down.window):
        rows = slice(row, row + down.made, down.step)
        for column in range(across.window):
            columns = slice(column, column + across.made, across.step)
            padded[:, rows, columns] += windows[row, column]


@lru_cache
def _matrices(down: Axis, across: Axis, dtype: torch.dtype) -> Matrices:
    """Of both axes together."""
    with torch.inference_mode(False):
        pairs = zip(
            matrices(down.step, down.kernel),
            matrices(across.step, across.kernel),
            strict=True,
        )
        return Matrices(*(torch.kron(a, b).to(dtype).contiguous() for a, b in pairs))
