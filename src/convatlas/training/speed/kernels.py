"""The same sums as some of torch's operators on a processor, in less time.

Operators by themselves on one core of a busy Xeon with AMX, batch 256, the fastest of
25 to 40 runs, forward and backward: a 5×5 convolution of a whole 5×5 map (16 to 120
channels) 2.8 ms as torch's convolution, .6 ms as a product of matrices; 2×2 average
pooling of 6×28×28 2.3 ms, 1.0 ms here. No other processor was tried. ``covering`` says
what kernels larger than the map gain, ``winograd`` what those of many channels do.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from convatlas.training.speed.covering import covering_convolution
from convatlas.training.speed.winograd import winograd_convolution

# beyond, torch's own pooling is as fast: it works on sixteen channels at a time
MOST_CHANNELS = 32


class FasterKernels(TorchFunctionMode):
    """Replaces torch's operators inside, wherever a faster one gives the same.

    For a processor; whatever fits none of the replacements runs as it is.

    Args:
        exact: the same sums, written otherwise.
        winograd: fewer products in convolutions of many channels; rounds more.

    Attributes:
        used: whether anything was replaced; if not, asking cost 2 % of a small
            network's step.
    """

    def __init__(self, exact: bool = True, winograd: bool = False) -> None:
        super().__init__()
        self._faster = {**(EXACT if exact else {}), **(WINOGRAD if winograd else {})}
        if exact and winograd:
            self._faster[torch.conv2d] = _convolution
        self._exact = exact
        self._rectified: tuple[Tensor, Tensor] | None = None  # by the call before
        self.used = False

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        rectified, self._rectified = self._rectified, None
        if self._exact and func in _RECTIFY and args:
            result = func(*args, **(kwargs or {}))
            self._rectified = result, args[0]
            return result
        if rectified is not None and args and args[0] is rectified[0]:
            result = _pooled_first(func, rectified, args[1:], kwargs or {})
            if result is not None:
                self.used = True
                return result
        faster = self._faster.get(func)
        if faster is not None and not kwargs:
            result = faster(*args)
            if result is not None:
                self.used = True
                return result
        return func(*args, **(kwargs or {}))


def _pooled_first(
    func: Callable[..., Any],
    rectified: tuple[Tensor, Tensor],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
) -> Tensor | None:
    """The same as pooling what was rectified: the largest is so before and after.

    The rectifier's gradient is then that of the smaller map. None for other functions.
    """
    if func is not F.max_pool2d or kwargs.get("return_indices"):
        return None
    after, before = rectified
    if before is after or before.ndim != 4:  # in place: it is gone
        return None
    result: Tensor = F.max_pool2d(before, *args, **kwargs)
    return torch.relu(result) if result.numel() < before.numel() else None


def halving(
    images: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    ceil_mode: bool = False,
    count_include_pad: bool = True,
    divisor_override: int | None = None,
) -> Tensor | None:
    """``avg_pool2d`` of 2×2 windows side by side; None where it is another one."""
    if (
        not _all(kernel_size, 2)
        or not (stride is None or _all(stride, 2))
        or not _all(padding, 0)
        or divisor_override is not None
        or images.ndim != 4
        or images.shape[1] > MOST_CHANNELS
        or images.shape[2] % 2
        or images.shape[3] % 2
        or not _channels_last(images)
        or torch.is_autocast_enabled("cpu")  # which would round the product
    ):
        return None
    return cast(Tensor, _Halving.apply(images))


class _Halving(torch.autograd.Function):
    """Rows are added; pairs of columns are mixed by a product of matrices."""

    @staticmethod
    def forward(ctx: Any, images: Tensor) -> Tensor:
        count, channels, height, width = images.shape
        rows = images.permute(0, 2, 3, 1).view(-1, 2, width * channels)
        pairs = (rows[:, 0] + rows[:, 1]).view(-1, 2 * channels)
        means = pairs @ _mixing(channels)
        return means.view(count, height // 2, width // 2, channels).permute(0, 3, 1, 2)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        gradient = gradients[0]
        count, channels, height, width = gradient.shape
        pixels = gradient.permute(0, 2, 3, 1).reshape(-1, channels)
        row = (pixels @ _mixing(channels).T).view(count * height, 1, -1)
        rows = torch.cat([row, row], dim=1)
        return rows.view(count, 2 * height, 2 * width, channels).permute(0, 3, 1, 2)


@lru_cache
def _mixing(channels: int) -> Tensor:
    """2·channels × channels: a quarter of each of the two pixels' channels."""
    with torch.inference_mode(False):
        return torch.eye(channels).repeat(2, 1) / 4


def _channels_last(images: Tensor) -> bool:
    return images.dtype == torch.float32 and images.is_contiguous(
        memory_format=torch.channels_last
    )


def _all(values: Any, value: int) -> bool:
    return all(v == value for v in (values if isinstance(values, tuple) else (values,)))


def _convolution(*given: Any) -> Tensor | None:
    covering = covering_convolution(*given)
    return winograd_convolution(*given) if covering is None else covering


_RECTIFY = (torch.relu, F.relu, Tensor.relu)
Replacements = dict[Any, Callable[..., Tensor | None]]
WINOGRAD: Replacements = {torch.conv2d: winograd_convolution}
EXACT: Replacements = {
    torch.conv2d: covering_convolution,
    torch._C._nn.avg_pool2d: halving,
}
