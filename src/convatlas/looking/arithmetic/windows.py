"""Pooling: the largest value of a window, or the mean of it."""

from collections.abc import Sequence
from math import nan
from typing import Literal

from torch import Tensor, nn

from convatlas.looking.arithmetic.value import Step, Term, within
from convatlas.looking.wording import Text, short

Pool = nn.MaxPool2d | nn.AvgPool2d | nn.AdaptiveAvgPool2d | nn.AdaptiveMaxPool2d
Taps = list[int]


def pooling(module: Pool, image: Tensor, unit: tuple[int, ...]) -> Step:
    """One window of one channel.

    Args:
        module: what pools.
        image: C H W.
        unit: (channel, row, column).
    """
    channel, y, x = unit
    sizes = image.shape[1:]
    if isinstance(module, (nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d)):
        given = module.output_size
        wanted = given if isinstance(given, tuple) else (given, given)
        rows, columns = (
            list(range(at * size // units, -(-(at + 1) * size // units)))
            for at, size, units in zip(
                (y, x),
                sizes,
                [w or size for w, size in zip(wanted, sizes, strict=True)],
                strict=True,
            )
        )
        way: Literal["max", "mean"] = (
            "mean" if isinstance(module, nn.AdaptiveAvgPool2d) else "max"
        )
        return windowed(image, channel, rows, columns, way)
    rows, columns = (
        _taps(module, at, axis, size)
        for axis, (at, size) in enumerate(zip((y, x), sizes, strict=True))
    )
    if isinstance(module, nn.MaxPool2d):
        return windowed(image, channel, rows, columns, "max")
    return windowed(
        image, channel, rows, columns, "mean", _divisor(module, y, x, sizes)
    )


def windowed(
    image: Tensor,
    channel: int,
    rows: Taps,
    columns: Taps,
    way: Literal["max", "mean"],
    divisor: int | None = None,
) -> Step:
    """The largest value of a window, or its sum by the divisor.

    Args:
        image: C H W.
        channel: of it.
        rows: of the window; what lies outside of the map is padding.
        columns: likewise.
        way: what is made of the values.
        divisor: of the sum; how many values there are when None.
    """
    height, width = image.shape[1:]
    outside = nan if way == "max" else 0.0
    patch = tuple(
        tuple(
            float(image[channel, r, c])
            if 0 <= r < height and 0 <= c < width
            else outside
            for c in columns
        )
        for r in rows
    )
    inside = [v for row in patch for v in row if v == v]
    region = within(rows, columns, height, width)
    sides = f"{len(rows)}×{len(columns)}"
    taken = tuple(rows), tuple(columns)
    if way == "max":
        most = max(inside)
        return Step(
            kind="pool",
            total=most,
            terms=(Term(channel, *taken, patch),),
            formula=Text(
                f"{short(most)} = the largest of {len(inside)}",
                f"{short(most)} = {len(inside)} 个值中最大的",
            ),
            text=Text(
                f"The largest value of a {sides} window of channel {channel}.",
                f"第 {channel} 通道 {sides} 窗口中的最大值。",
            ),
            region=region,
        )
    divisor = divisor or len(inside)
    total = sum(inside) / divisor
    share = tuple(tuple(1 / divisor for _ in columns) for _ in rows)
    return Step(
        kind="pool",
        total=total,
        terms=(Term(channel, *taken, patch, share, total),),
        formula=Text.same(f"{short(total)} = {short(sum(inside))} / {divisor}"),
        text=Text(
            f"The mean of a {sides} window of channel {channel}: the sum "
            f"{short(sum(inside))} by {divisor}.",
            f"第 {channel} 通道 {sides} 窗口的平均值："
            f"总和 {short(sum(inside))} 除以 {divisor}。",
        ),
        region=region,
    )


def _taps(module: nn.MaxPool2d | nn.AvgPool2d, at: int, axis: int, size: int) -> Taps:
    kernel = _of(module.kernel_size, axis)
    stride = _of(module.stride, axis)
    dilation = _of(module.dilation, axis) if isinstance(module, nn.MaxPool2d) else 1
    pad = _of(module.padding, axis)
    start = at * stride - pad
    taps = [start + tap * dilation for tap in range(kernel)]
    # a window that hangs over the far edge reads nothing there
    return [tap for tap in taps if tap < size + pad]


def _divisor(module: nn.AvgPool2d, y: int, x: int, sizes: Sequence[int]) -> int:
    """How many cells torch counts, padding or not."""
    if module.divisor_override:
        return int(module.divisor_override)
    cells = 1
    for axis, (at, size) in enumerate(zip((y, x), sizes, strict=True)):
        taps = _taps(module, at, axis, size)
        if not module.count_include_pad:
            taps = [tap for tap in taps if 0 <= tap < size]
        cells *= len(taps)
    return cells


def _of(value: int | Sequence[int], axis: int) -> int:
    return value if isinstance(value, int) else int(value[axis])
