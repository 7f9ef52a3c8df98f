"""From a data set's pictures to what a network takes, as a module stored with a run.

Two steps: ``prepare`` gives pictures the shape of the input (channels, then pad or
resize) and leaves the values as they are; ``normalise`` scales them. So pictures can be
prepared once, augmented in between, and normalised at the end.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal, Self, get_args

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convatlas.data.resample import FRACTION_BITS, bilinear_weights
from convatlas.errors import UsageError
from convatlas.spec import ImageSpec

Fit = Literal["pad", "resize"]
Shape = tuple[int, int, int]

# ITU-R 601-2 luma in 16-bit fixed point, as PIL's convert("L") does it
LUMA = (19595, 38470, 7471)
LUMA_BITS = 16


class Preprocess(nn.Module):
    """Gives pictures a network's shape and scale; raw pixels go in.

    On uint8 the result of ``fit="resize"`` is that of PIL's ``resize`` with
    ``BILINEAR`` to the last bit, columns first, then rows (so every PIL up to 12 does
    it; from 13 on, a picture that loses far more height than width takes the other
    order, which can differ by one grey level). RGB becomes grey as with PIL's
    ``convert("L")``.
    ``normalise`` does what torchvision's ``ToTensor`` and ``Normalize`` do, to the
    last bit: divide by 255, subtract the mean, divide by the standard deviation.

    Args:
        source: (channels, height, width) of the pictures that come in.
        target: (channels, height, width) of the network's input.
        mean: of each channel of the source, of pixels scaled to 0 ... 1.
        std: of each channel of the source, likewise.
        fit: ``"pad"`` puts the picture into the middle of zeros (an odd row or column
            more goes to the bottom or right), ``"resize"`` scales it, sides on their
            own.

    Raises:
        UsageError: shapes that cannot be had from each other, or a mean and standard
            deviation that are not one positive number per channel.
    """

    mean: Tensor
    std: Tensor
    rows: Tensor
    columns: Tensor

    def __init__(
        self,
        source: Sequence[int],
        target: Sequence[int],
        mean: Sequence[float],
        std: Sequence[float],
        fit: Fit = "pad",
    ) -> None:
        super().__init__()
        self.source = _shape(source, "source")
        self.target = _shape(target, "target")
        self.fit = fit
        self._source_mean = tuple(float(value) for value in mean)
        self._source_std = tuple(float(value) for value in std)
        self._check()
        mean, std = self._statistics()
        self.register_buffer("mean", torch.tensor(mean).reshape(-1, 1, 1))
        self.register_buffer("std", torch.tensor(std).reshape(-1, 1, 1))
        _, height, width = self.source
        _, new_height, new_width = self.target
        if fit == "resize":
            rows = bilinear_weights(height, new_height)
            columns = bilinear_weights(width, new_width)
        else:
            rows = columns = torch.zeros(0, 0, dtype=torch.int32)
        self.register_buffer("rows", rows, persistent=False)
        self.register_buffer("columns", columns, persistent=False)

    @classmethod
    def of(
        cls, spec: ImageSpec, target: Sequence[int] | None = None, fit: Fit = "pad"
    ) -> Self:
        """For the pictures of a data set.

        Args:
            spec: of the data set.
            target: (channels, height, width); the spec's own shape when None.
            fit: see the class.
        """
        return cls(spec.shape, target or spec.shape, spec.mean, spec.std, fit)

    def forward(self, images: Tensor) -> Tensor:
        return self.normalise(self.prepare(images))

    def prepare(self, images: Tensor) -> Tensor:
        """The shape of the network's input, values still 0 ... 255.

        Args:
            images: N C H W of the source's shape, uint8 or float.

        Returns:
            N C H W of the target's shape, of the dtype that came in.

        Raises:
            UsageError: pictures of another shape.
        """
        if tuple(images.shape[-3:]) != self.source:
            raise UsageError(
                f"pictures of shape {_text(images.shape[-3:])} where "
                f"{_text(self.source)} (channels×height×width) was expected"
            )
        if self.source[0] == 3 and self.target[0] == 1:
            images = _grey(images)
        if self.source[1:] != self.target[1:]:
            images = self._pad(images) if self.fit == "pad" else self._resize(images)
        if self.source[0] == 1 and self.target[0] == 3:
            images = images.repeat(1, 3, 1, 1)
        return images

    def normalise(self, images: Tensor) -> Tensor:
        """÷255, −mean, ÷std, in that order.

        Args:
            images: N C H W with the target's channels, 0 ... 255, uint8 or float.

        Returns:
            N C H W, float32.
        """
        if images.is_floating_point():
            images = images.to(torch.float32)
        return (images / 255).sub_(self.mean).div_(self.std)

    def resized(self, height: int, width: int) -> Callable[[Tensor], Tensor]:
        """From the same pictures to another size of the network's input.

        Where the full size is padded, the padded picture is resized, so that a thing
        fills the same share of it.
        """
        target = (self.target[0], height, width)
        if self.fit == "resize" or self.source[1:] == self.target[1:]:
            mean, std = self._source_mean, self._source_std
            direct = Preprocess(self.source, target, mean, std, "resize")
            return direct.to(self.mean.device)
        mean, std = (tuple(each.flatten().tolist()) for each in (self.mean, self.std))
        after = Preprocess(self.target, target, mean, std, "resize")
        after = after.to(self.mean.device)
        return lambda images: after(self.prepare(images))

    def config(self) -> dict[str, Any]:
        """All that ``from_config`` needs, ready for JSON."""
        return {
            "source": list(self.source),
            "target": list(self.target),
            "mean": list(self._source_mean),
            "std": list(self._source_std),
            "fit": self.fit,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The module that ``config`` was taken from."""
        return cls(**config)

    def extra_repr(self) -> str:
        """For ``print``."""
        return f"{_text(self.source)} → {_text(self.target)}, fit={self.fit!r}"

    def _pad(self, images: Tensor) -> Tensor:
        _, height, width = self.source
        _, new_height, new_width = self.target
        top, left = (new_height - height) // 2, (new_width - width) // 2
        bottom, right = new_height - height - top, new_width - width - left
        return F.pad(images, (left, right, top, bottom))

    def _resize(self, images: Tensor) -> Tensor:
        # columns first, then rows, each rounded: PIL's order
        images = _weigh(images, self.columns)
        return _weigh(images.mT, self.rows).mT

    def _statistics(self) -> tuple[Sequence[float], Sequence[float]]:
        """Mean and standard deviation for the channels of the target."""
        mean, std = self._source_mean, self._source_std
        if self.source[0] == 1 and self.target[0] == 3:
            return mean * 3, std * 3
        if self.source[0] == 3 and self.target[0] == 1:
            # exact for the mean; for the deviation as if the channels moved together
            shares = [weight / 2**LUMA_BITS for weight in LUMA]
            return [_dot(shares, mean)], [_dot(shares, std)]
        return mean, std

    def _check(self) -> None:
        if self.fit not in get_args(Fit):
            raise UsageError(f"fit = {self.fit!r}: must be 'pad' or 'resize'")
        channels = self.source[0], self.target[0]
        if channels[0] != channels[1] and set(channels) != {1, 3}:
            raise UsageError(
                f"pictures with {channels[0]} channels for a network that takes "
                f"{channels[1]}: only grey (1) and RGB (3) turn into each other"
            )
        if self.fit == "pad" and (
            self.target[1] < self.source[1] or self.target[2] < self.source[2]
        ):
            raise UsageError(
                f"pictures of {_text(self.source[1:])} do not fit into "
                f"{_text(self.target[1:])} pixels: use fit = 'resize' instead of 'pad'"
            )
        if not len(self._source_mean) == len(self._source_std) == channels[0]:
            raise UsageError(
                f"mean {self._source_mean} and std {self._source_std}: each needs one "
                f"number for each of {channels[0]} channels"
            )
        if min(self._source_std) <= 0:
            raise UsageError(f"std {self._source_std}: must be above 0")


def _weigh(images: Tensor, weights: Tensor) -> Tensor:
    """Weighted sums along the last dimension, rounded as PIL rounds on uint8."""
    if weights.shape[0] == weights.shape[1]:
        return images
    if images.dtype != torch.uint8:
        shares = weights.mT.to(images.dtype) / 2**FRACTION_BITS
        return torch.matmul(images, shares)
    # sums stay far below 2**53, so float64 adds these integers without an error; MPS
    # has float32 alone, where a sum between two grey levels may take the other
    exact = torch.float32 if images.device.type == "mps" else torch.float64
    sums = torch.matmul(images.to(exact), weights.mT.to(exact))
    rounded = torch.floor((sums + 2 ** (FRACTION_BITS - 1)) / 2**FRACTION_BITS)
    return rounded.clamp(0, 255).to(torch.uint8)


def _grey(images: Tensor) -> Tensor:
    parts: tuple[Tensor, ...] = torch.split(images, 1, dim=-3)
    if images.dtype != torch.uint8:
        exact: Tensor = _luma(*parts) / 2**LUMA_BITS
        return exact
    weighted = _luma(*(part.to(torch.int32) for part in parts))
    grey: Tensor = (weighted + 2 ** (LUMA_BITS - 1)) >> LUMA_BITS
    return grey.to(torch.uint8)


def _luma(red: Tensor, green: Tensor, blue: Tensor) -> Tensor:
    return red * LUMA[0] + green * LUMA[1] + blue * LUMA[2]


def _dot(shares: Sequence[float], values: Sequence[float]) -> float:
    return sum(share * value for share, value in zip(shares, values, strict=True))


def _shape(values: Sequence[int], what: str) -> Shape:
    if len(values) != 3 or min(values) < 1:
        raise UsageError(
            f"{what} = {_text(values)}: must be channels×height×width, each at least 1"
        )
    channels, height, width = (int(value) for value in values)
    return channels, height, width


def _text(sizes: Sequence[int]) -> str:
    return "×".join(str(size) for size in sizes)
