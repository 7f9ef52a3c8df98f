"""What the units along a dimension of a tensor see of one axis of the input, exactly.

Unit ``p`` sees the pixels from ``first[p mod n] + advance * (p div n)`` to
``last[p mod n] + advance * (p div n)``, with ``n = len(first)``. One entry is enough
for convolution and pooling (``advance`` is then the effective stride); up-sampling,
transposed convolution and adaptive pooling need more, and stay exact.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd, lcm

LONGEST_PATTERN = 4096  # entries; beyond it a pattern counts as unknown
NEVER = 10**12  # first pixel of a unit that sees none


@dataclass(frozen=True)
class Axis:
    """What is known about one axis of the input.

    Attributes:
        dims: the dimensions of the tensor along which units see different pixels.
        first: a pattern of first pixels; empty: no pattern is known.
        last: of last pixels.
        advance: pixels from one pattern to the next.
        blind: nothing of the input is seen at all (a parameter, a constant).
        most: pixels that one unit sees, where no pattern is known but this still is;
            0: not known.
        inner: after flattening, the pattern is that of unit ``(p div inner) mod
            count``: where a position along the old dimension is found in the new one.
        count: see ``inner``; 0: nothing to be taken modulo.
    """

    dims: frozenset[int] = frozenset()
    first: tuple[int, ...] = ()
    last: tuple[int, ...] = ()
    advance: int = 0
    blind: bool = False
    most: int = 0
    inner: int = 1
    count: int = 0

    @property
    def everything(self) -> bool:
        """Whether each unit sees the whole axis."""
        return not (self.blind or self.dims or self.first)

    @property
    def unknown(self) -> bool:
        """Whether units see different things which cannot be told."""
        return bool(self.dims) and not self.first

    @property
    def folded(self) -> bool:
        """Whether its dimension holds other ones too, since a flattening."""
        return self.inner > 1 or self.count > 0

    @property
    def rate(self) -> Fraction:
        """Pixels from one unit to the next, on average."""
        return Fraction(self.advance, (len(self.first) or 1) * self.inner)

    @property
    def size(self) -> int:
        """Pixels that one unit sees, the largest number of all units."""
        if not self.first:
            return self.most
        return max(b - a for a, b in zip(self.first, self.last, strict=True)) + 1

    def span(self, unit: int) -> tuple[int, int]:
        """First and last pixel of a unit, beyond the border where padding is seen."""
        unit //= self.inner
        rounds, place = divmod(
            unit % self.count if self.count else unit, len(self.first)
        )
        shift = rounds * self.advance
        return self.first[place] + shift, self.last[place] + shift


EVERYTHING = Axis()
BLIND = Axis(blind=True)
Reach = tuple[Axis, ...]  # one Axis per spatial axis of the input


def unknown(dims: frozenset[int], most: int = 0) -> Axis:
    """Units differ along ``dims`` in a way that is not followed."""
    return Axis(dims=dims, most=most)


def blurred(axis: Axis, dims: int) -> Axis:
    """The same units at unknown places of a tensor of ``dims`` dimensions."""
    if axis.blind or axis.everything:
        return axis
    return unknown(frozenset(range(dims)), axis.size)


def pixels(dim: int) -> Axis:
    """The input itself: unit p is pixel p."""
    return Axis(frozenset({dim}), (0,), (0,), 1)


def moved(axis: Axis, where: Callable[[int], int | None]) -> Axis:
    """The same units along other dimensions; None where a dimension is dropped."""
    dims = frozenset(d for d in map(where, axis.dims) if d is not None)
    if axis.dims and not dims:
        if not axis.first:
            return EVERYTHING
        return Axis(dims, axis.first[:1], axis.last[:1], 0)
    return replace(axis, dims=dims)


def windowed(
    axis: Axis,
    dim: int,
    taps: Callable[[int], range],
    period: int = 1,
    advance: int = 1,
) -> Axis:
    """The axis after an operation whose unit q reads the units ``taps(q)`` along dim.

    Args:
        axis: of the operation's input.
        dim: along which it slides.
        taps: the units read; ``taps(q + period)`` is ``taps(q)`` moved by ``advance``.
        period: of the operation's pattern, 1 for a convolution.
        advance: input units per period: the stride of a convolution.
    """
    if dim not in axis.dims:
        return axis
    if not axis.first or axis.count:
        return unknown(axis.dims)
    if axis.inner > 1:
        axis = unfolded(axis)
    entries = len(axis.first)
    repeats = entries // gcd(entries, abs(advance)) if advance else 1
    length = period * repeats
    if length > LONGEST_PATTERN:
        return unknown(axis.dims)
    firsts, lasts = [], []
    for unit in range(length):
        spans = [axis.span(tap) for tap in taps(unit)]
        firsts.append(min((a for a, _ in spans), default=NEVER))
        lasts.append(max((b for _, b in spans), default=-NEVER))
    moves = repeats * advance * axis.advance // entries
    return _shortest(axis.dims, firsts, lasts, moves)


def unfolded(axis: Axis) -> Axis:
    """Each unit of the pattern repeated ``inner`` times, as a pattern."""
    inner, (dim,) = axis.inner, axis.dims
    plain = replace(axis, inner=1)
    return windowed(plain, dim, lambda p: range(p // inner, p // inner + 1), inner)


def collapsed(axis: Axis, dim: int, units: int) -> Axis:
    """The axis after a sum over all units along ``dim``."""
    if dim not in axis.dims:
        return axis
    if axis.first and units == 1:
        return Axis(frozenset(), axis.first[:1], axis.last[:1], 0)
    if axis.first:
        return EVERYTHING
    rest = axis.dims - {dim}
    return unknown(rest) if rest else EVERYTHING


def united(one: Axis, other: Axis, units: Callable[[int], int]) -> Axis:
    """What a unit sees that is made of a unit of each: the maximum over the paths.

    Args:
        one: an axis.
        other: of a tensor of the same shape.
        units: number of units along a dimension.
    """
    if one == other or other.blind:
        return one
    if one.blind:
        return other
    if one.everything or other.everything:
        return EVERYTHING
    if one.unknown or other.unknown:
        return unknown(one.dims | other.dims)
    if one.dims and other.dims and one.dims != other.dims:
        return EVERYTHING  # a pair of units: as good as everything
    dims = one.dims | other.dims
    if (one.inner, one.count) != (other.inner, other.count):
        return unknown(dims)
    length = lcm(len(one.first), len(other.first))
    if one.rate != other.rate:
        (dim,) = dims
        length = one.count or units(dim) // one.inner
    if length > LONGEST_PATTERN:
        return unknown(dims)
    one_plain, other_plain = (replace(a, inner=1, count=0) for a in (one, other))
    pairs = [(one_plain.span(p), other_plain.span(p)) for p in range(length)]
    firsts = [min(a[0], b[0]) for a, b in pairs]
    lasts = [max(a[1], b[1]) for a, b in pairs]
    advance = int(max(one.rate, other.rate) * length * one.inner)
    result = _shortest(dims, firsts, lasts, advance)
    return replace(result, inner=one.inner, count=one.count)


def _shortest(
    dims: frozenset[int], firsts: list[int], lasts: list[int], advance: int
) -> Axis:
    """The same pattern in as few entries as it can be said."""
    length = len(firsts)
    for short in range(1, length):
        if length % short or advance % (length // short):
            continue
        step = advance // (length // short)
        if all(
            firsts[i] == firsts[i % short] + step * (i // short)
            and lasts[i] == lasts[i % short] + step * (i // short)
            for i in range(short, length)
        ):
            return Axis(dims, tuple(firsts[:short]), tuple(lasts[:short]), step)
    return Axis(dims, tuple(firsts), tuple(lasts), advance)
