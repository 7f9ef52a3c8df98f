"""Shapes of the common operations, without torch's own ``meta`` kernels.

Those are written in Python and import the compiler at their first call, which takes
more than a second; a layer table should appear at once. A rule returns None where it
is not sure, and torch's kernel is asked: also whenever shapes do not fit, so that the
message of an error is torch's.
"""

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from convatlas.anatomy.call import expanded

Arguments = dict[str, Any]
Shapes = Callable[[Arguments], Any]

UNARY = (
    "relu sigmoid tanh gelu silu mish elu hardtanh hardswish hardsigmoid leaky_relu "
    "softplus exp log sqrt rsqrt abs neg sign clamp clamp_min clamp_max relu6 square "
    "_softmax _log_softmax pow reciprocal erf sin cos"
).split()
BINARY = "add sub mul div maximum minimum".split()


def empty(shape: Sequence[int], like: Tensor) -> Tensor:
    """A tensor on ``meta`` of the type and memory order of another."""
    order = torch.contiguous_format
    if len(shape) == like.ndim == 4 and not like.is_contiguous():
        if like.is_contiguous(memory_format=torch.channels_last):
            order = torch.channels_last
    return torch.empty(
        tuple(shape), dtype=like.dtype, device="meta", memory_format=order
    )


def elementwise(arguments: Arguments) -> Tensor | None:
    """Shapes broadcast; all tensors have one floating type."""
    tensors = [a for a in arguments.values() if isinstance(a, Tensor)]
    first = tensors[0]
    if not first.is_floating_point() or any(t.dtype != first.dtype for t in tensors):
        return None
    shape = _broadcast([tuple(t.shape) for t in tensors])
    if shape is None:
        return None
    for tensor in tensors:
        if tensor.shape == shape:
            extent = sum(
                (n - 1) * s for n, s in zip(shape, tensor.stride(), strict=True)
            )
            if extent + 1 == tensor.numel():  # dense: its order is kept
                return torch.empty_strided(
                    tuple(shape), tensor.stride(), dtype=first.dtype, device="meta"
                )
    return torch.empty(tuple(shape), dtype=first.dtype, device="meta")


def _broadcast(shapes: list[tuple[int, ...]]) -> tuple[int, ...] | None:
    """The shape that all expand to, or None if there is none."""
    longest = max(map(len, shapes))
    result = [1] * longest
    for shape in shapes:
        for i, size in enumerate(shape, start=longest - len(shape)):
            if size != 1 and result[i] not in (1, size):
                return None
            result[i] = size if size != 1 else result[i]
    return tuple(result)


def convolution(arguments: Arguments) -> Tensor | None:
    """Also transposed."""
    source, weight = arguments["input"], arguments["weight"]
    n = weight.ndim - 2
    groups = arguments["groups"]
    transposed = arguments["transposed"]
    channels = weight.shape[0] if transposed else weight.shape[1] * groups
    if source.ndim != n + 2 or source.shape[1] != channels:
        return None
    names = ("stride", "padding", "dilation", "output_padding")
    stride, padding, dilation, extra = (expanded(arguments[k], n) for k in names)
    sizes = []
    for i in range(n):
        reach = dilation[i] * (weight.shape[2 + i] - 1)
        if transposed:
            size = (source.shape[2 + i] - 1) * stride[i] - 2 * padding[i]
            sizes.append(size + reach + extra[i] + 1)
        else:
            sizes.append(
                (source.shape[2 + i] + 2 * padding[i] - reach - 1) // stride[i] + 1
            )
    if min(sizes) < 1:
        return None
    out = weight.shape[1] * groups if transposed else weight.shape[0]
    return empty((source.shape[0], out, *sizes), source)


def pooling(n: int, answers: int) -> Shapes:
    """Max (two answers: values and places) and average pooling."""

    def rule(arguments: Arguments) -> Any:
        source = next(a for a in arguments.values() if isinstance(a, Tensor))
        kernel = expanded(arguments["kernel_size"], n)
        stride = expanded(arguments["stride"] or kernel, n)
        padding = expanded(arguments["padding"], n)
        dilation = expanded(arguments.get("dilation", 1), n)
        if source.ndim < n + 1 or any(
            2 * p > k for k, p in zip(kernel, padding, strict=True)
        ):
            return None
        sizes = []
        for i, size in enumerate(source.shape[-n:]):
            room = size + 2 * padding[i] - dilation[i] * (kernel[i] - 1) - 1
            if room < 0:
                return None
            count = room // stride[i] + 1
            if arguments["ceil_mode"]:
                count = -(-room // stride[i]) + 1
                if (count - 1) * stride[i] >= size + padding[i]:
                    count -= 1  # a window must begin inside
            sizes.append(count)
        result = empty((*source.shape[:-n], *sizes), source)
        if answers == 1:
            return result
        return result, torch.empty(result.shape, dtype=torch.int64, device="meta")

    return rule


def adaptive(arguments: Arguments) -> Tensor:
    """Adaptive average pooling."""
    source, sizes = arguments["self"], tuple(arguments["output_size"])
    return empty((*source.shape[: -len(sizes)], *sizes), source)


def added_product(arguments: Arguments) -> Tensor | None:
    """``addmm``."""
    left, right = arguments["mat1"], arguments["mat2"]
    shape = (left.shape[0], right.shape[1])
    added = arguments["self"].shape
    if left.shape[1] != right.shape[0] or added not in ((shape[1],), shape):
        return None
    return empty(shape, left)


def product(arguments: Arguments) -> Tensor | None:
    """``mm`` and ``bmm``."""
    left, right = arguments["self"], arguments["mat2"]
    if left.shape[-1] != right.shape[-2] or left.shape[:-2] != right.shape[:-2]:
        return None
    return empty((*left.shape[:-1], right.shape[-1]), left)


def batch_norm(arguments: Arguments) -> Any:
    """In evaluation mode; statistics of the batch are not given then."""
    source, mean = arguments["input"], arguments["running_mean"]
    if arguments["training"] or mean is None or mean.shape[0] != source.shape[1]:
        return None
    nothing = torch.empty(0, dtype=source.dtype, device="meta")
    return empty(source.shape, source), nothing, nothing.view(0)


def concatenated(arguments: Arguments) -> Tensor | None:
    """``cat``."""
    tensors, first = arguments["tensors"], arguments["tensors"][0]
    dim = arguments["dim"] % max(first.ndim, 1)
    rest = {(*t.shape[:dim], *t.shape[dim + 1 :], t.dtype) for t in tensors}
    if len(rest) > 1 or any(t.ndim != first.ndim for t in tensors):
        return None
    shape = list(first.shape)
    shape[dim] = sum(t.shape[dim] for t in tensors)
    return empty(shape, first)


def mean(arguments: Arguments) -> Tensor | None:
    """Over given dimensions."""
    source = arguments["self"]
    if not arguments.get("dim") or arguments["dtype"] is not None:
        return None
    dims = {d % source.ndim for d in arguments["dim"]}
    keep = arguments["keepdim"]
    shape = [1 if d in dims else n for d, n in enumerate(source.shape)]
    if not keep:
        shape = [n for d, n in enumerate(shape) if d not in dims]
    return torch.empty(shape, dtype=source.dtype, device="meta")


def padded(arguments: Arguments) -> Tensor:
    """``constant_pad_nd``."""
    source, pads = arguments["self"], arguments["pad"]
    shape = list(source.shape)
    for i in range(len(pads) // 2):
        shape[-1 - i] += pads[2 * i] + pads[2 * i + 1]
    return empty(shape, source)


SHAPES: dict[str, Shapes] = dict.fromkeys((*UNARY, *BINARY), elementwise)
SHAPES |= {
    "convolution": convolution,
    "max_pool2d_with_indices": pooling(2, 2),
    "avg_pool2d": pooling(2, 1),
    "avg_pool3d": pooling(3, 1),
    "_adaptive_avg_pool2d": adaptive,
    "addmm": added_product,
    "mm": product,
    "bmm": product,
    "native_batch_norm": batch_norm,
    "cat": concatenated,
    "mean": mean,
    "sum": mean,
    "constant_pad_nd": padded,
}


def shaped(name: str, arguments: Arguments) -> Any:
    """The result of an operation on ``meta``, or None where torch must tell."""
    rule = SHAPES.get(name)
    if rule is None or "out" in arguments:
        return None
    return rule(arguments)
