"""Max pooling, with the rectifier after it, compiled for this machine's processor.

torch's keeps an index of eight bytes for every number of the result, fills the gradient
with zeros first, and rectifies in passes of their own: all of it takes about twice as
long (``python -m benchmarks.pooling``, docs/results/pooling.md).
"""

import ctypes
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

import torch
from torch import Tensor, nn

from convatlas.training.speed.native.building import Build, NotBuilt

SOURCE = "max_pooling.cpp"
KERNELS, STRIDES = (2, 3), (1, 2)
VALUES = {torch.float32: "float", torch.bfloat16: "std::uint16_t"}


@dataclass(frozen=True)
class Kind:
    """What a library is compiled for."""

    kernel: int
    stride: int
    dtype: torch.dtype = torch.float32

    @property
    def fits(self) -> bool:
        """Whether the source has it."""
        known = self.kernel in KERNELS and self.stride in STRIDES
        return known and self.dtype in VALUES


class _Pooling(ctypes.Structure):
    """As max_pooling.cpp has it."""

    _fields_ = [
        (name, ctypes.c_int64)
        for name in (
            *("images", "height", "width", "channels"),
            *("out_height", "out_width", "padding", "rectify"),
        )
    ]


class Library:
    """Of one kind.

    Raises:
        NotBuilt: it cannot be compiled or loaded here.
    """

    def __init__(self, build: Build) -> None:
        library = build.library()
        self.forward, self.backward = library.forward, library.backward
        for function in (self.forward, self.backward):
            function.argtypes = [*[ctypes.c_void_p] * 3, ctypes.POINTER(_Pooling)]
            function.restype = None


def why_not(network: nn.Module, dtypes: Iterable[torch.dtype]) -> str | None:
    """Compiles what a network's poolings need, side by side; why that fails, if so.

    Args:
        network: whose ``nn.MaxPool2d`` are looked at.
        dtypes: of the maps.
    """
    modules = [m for m in network.modules() if isinstance(m, nn.MaxPool2d)]
    kinds = [
        kind
        for m in modules
        if (square := _square(m.kernel_size, m.stride, m.padding)) is not None
        for dtype in dtypes
        if (kind := Kind(square[0], square[1], dtype)).fits
    ]
    if not kinds:
        return "the network has no max pooling that it is made for"
    try:
        for kind in kinds:
            _begun(kind)
        for kind in kinds:
            _library(kind)
    except NotBuilt as error:
        return str(error)
    return None


def max_pooling(
    images: Tensor,
    kernel_size: Any,
    stride: Any = None,
    padding: Any = 0,
    dilation: Any = 1,
    ceil_mode: bool = False,
    return_indices: bool = False,
    *,
    rectified: bool = False,
) -> Tensor | None:
    """``F.max_pool2d``, and ``relu`` of it if wanted; None where it is another one.

    Args:
        images: N C H W, channels last, float32 or bf16, on a processor.
        kernel_size: and what follows, as torch has it.
        stride: as torch has it.
        padding: as torch has it.
        dilation: as torch has it.
        ceil_mode: as torch has it.
        return_indices: as torch has it.
        rectified: whether the result is.
    """
    square = _square(kernel_size, stride, padding)
    if (
        square is None
        or dilation not in (1, (1, 1), [1, 1])
        or ceil_mode
        or return_indices
        or images.ndim != 4
        or images.device.type != "cpu"
        or not images.is_contiguous(memory_format=torch.channels_last)
    ):
        return None
    kernel, stride, padding = square
    kind = Kind(kernel, stride, images.dtype)
    height, width = images.shape[2:]
    if not kind.fits or not 0 <= 2 * padding <= kernel or not images.numel():
        return None  # of another padding torch says that it is wrong
    if min(height, width) + 2 * padding < kernel:
        return None
    try:
        library = _library(kind)
    except NotBuilt:
        return None
    return cast(
        Tensor, _MaxPooling.apply(images, library, kernel, stride, padding, rectified)
    )


class _MaxPooling(torch.autograd.Function):
    @staticmethod
    def forward(
        ctx: Any,
        images: Tensor,
        library: Library,
        kernel: int,
        stride: int,
        padding: int,
        rectified: bool,
    ) -> Tensor:
        count, channels, height, width = images.shape
        out_height = (height + 2 * padding - kernel) // stride + 1
        out_width = (width + 2 * padding - kernel) // stride + 1
        size = count, channels, out_height, out_width
        pooled = _empty(size, images.dtype)
        places = _empty(size, torch.uint8)
        pooling = _Pooling(
            *(count, height, width, channels),
            *(out_height, out_width, padding, rectified),
        )
        library.forward(
            images.data_ptr(), pooled.data_ptr(), places.data_ptr(), pooling
        )
        ctx.save_for_backward(places)
        ctx.library, ctx.pooling, ctx.size = library, pooling, images.shape
        return pooled

    @staticmethod
    @torch.autograd.function.once_differentiable
    def backward(
        ctx: Any, *gradients: Tensor
    ) -> tuple[Tensor, None, None, None, None, None]:
        gradient = gradients[0].contiguous(memory_format=torch.channels_last)
        (places,) = ctx.saved_tensors
        back = _empty(ctx.size, gradient.dtype)
        ctx.library.backward(
            gradient.data_ptr(), places.data_ptr(), back.data_ptr(), ctx.pooling
        )
        return back, None, None, None, None, None


def _empty(size: tuple[int, ...], dtype: torch.dtype) -> Tensor:
    return torch.empty(size, dtype=dtype, memory_format=torch.channels_last)


def _square(kernel_size: Any, stride: Any, padding: Any) -> tuple[int, int, int] | None:
    """Kernel, stride and padding, where they are alike on both sides."""
    found = []
    for value in (kernel_size, kernel_size if stride is None else stride, padding):
        sides = set(value) if isinstance(value, tuple | list) else {value}
        if len(sides) != 1:
            return None
        found.append(int(sides.pop()))
    return found[0], found[1], found[2]


@cache
def _begun(kind: Kind) -> Build | NotBuilt:
    """What failed once is not tried again by this process."""
    defines = {
        "KERNEL": str(kind.kernel),
        "STRIDE": str(kind.stride),
        "VALUE": VALUES[kind.dtype],
    }
    try:
        return Build.begun(SOURCE, defines)
    except NotBuilt as error:
        return error


@cache
def _loaded(kind: Kind) -> Library | NotBuilt:
    build = _begun(kind)
    if isinstance(build, NotBuilt):
        return build
    try:
        return Library(build)
    except NotBuilt as error:
        return error


def _library(kind: Kind) -> Library:
    found = _loaded(kind)
    if isinstance(found, NotBuilt):
        raise found
    return found
