"""What units see after operations that only move numbers: views, slices, joins."""

from collections.abc import Sequence
from dataclasses import replace
from math import prod

from convatlas.anatomy.axis import (
    EVERYTHING,
    Axis,
    Reach,
    collapsed,
    moved,
    united,
    unknown,
    windowed,
)
from convatlas.anatomy.call import Call, Rule, positive


def reshaped(call: Call) -> Reach:
    """Any view: dimensions that stay keep what they carry."""
    source = call.tensors()[0]
    return viewed(call.reach(source), source.shape, call.outputs[0].shape)


def viewed(reach: Reach, before: Sequence[int], after: Sequence[int]) -> Reach:
    """After ``x.view(after)`` of a tensor of shape ``before``."""
    groups = matched(tuple(before), tuple(after))
    return tuple(_through(axis, groups, before, after) for axis in reach)


def matched(
    before: tuple[int, ...], after: tuple[int, ...]
) -> list[tuple[range, range]]:
    """Which dimensions of a view hold the numbers of which before.

    Returns:
        pairs of (dimensions before, dimensions after) with equal numbers of elements,
        as fine as possible; one of both may be empty, for dimensions of size one.
    """
    front = 0
    while front < min(len(before), len(after)) and before[front] == after[front]:
        front += 1
    back = 0
    most = min(len(before), len(after)) - front
    while back < most and before[-1 - back] == after[-1 - back]:
        back += 1
    groups = [(range(i, i + 1), range(i, i + 1)) for i in range(front)]
    i, j = front, front
    while i < len(before) - back or j < len(after) - back:
        start_i, start_j = i, j
        one, other = 1, 1
        while True:
            if one <= other and i < len(before) - back:
                one *= before[i]
                i += 1
            elif j < len(after) - back:
                other *= after[j]
                j += 1
            elif i < len(before) - back:
                one *= before[i]
                i += 1
            if one == other:
                break
        groups.append((range(start_i, i), range(start_j, j)))
    shift = len(after) - len(before)
    return groups + [
        (range(i, i + 1), range(i + shift, i + shift + 1))
        for i in range(len(before) - back, len(before))
    ]


def _through(
    axis: Axis,
    groups: list[tuple[range, range]],
    before: Sequence[int],
    after: Sequence[int],
) -> Axis:
    """One axis through a view."""
    if not axis.dims:
        return axis
    if not axis.first:
        held = [d for old, new in groups if axis.dims & set(old) for d in new]
        wide = frozenset(d for d in held if after[d] > 1)
        return replace(axis, dims=wide or frozenset(held[:1]))
    (dim,) = axis.dims
    old, new = next((old, new) for old, new in groups if dim in old)
    if before[dim] == 1:
        if len(new) and all(after[d] == 1 for d in new):
            place = min(dim - old.start, len(new) - 1)
            return replace(axis, dims=frozenset({new[place]}))
        return moved(axis, lambda d: None)
    count = axis.count or before[dim] // axis.inner
    inner = axis.inner * prod(before[d] for d in old if d > dim)
    for d in new:
        after_it = prod(after[k] for k in new if k > d)
        if inner % after_it == 0 and after[d] % (inner // after_it * count) == 0:
            rest = inner // after_it
            return replace(
                axis,
                dims=frozenset({d}),
                inner=rest,
                count=0 if rest * count == after[d] else count,
            )
    return unknown(frozenset(d for d in new if after[d] > 1), axis.size)


def transposed(call: Call) -> Reach:
    """``transpose``, ``t``, ``permute`` and their kin."""
    source = call.tensors()[0]
    order = list(range(source.ndim))
    if "dims" in call.arguments:
        order = [positive(d, source.ndim) for d in call["dims"]]
    elif source.ndim > 1:
        a = positive(call.arguments.get("dim0", 0), source.ndim)
        b = positive(call.arguments.get("dim1", 1), source.ndim)
        order[a], order[b] = order[b], order[a]
    return tuple(moved(axis, order.index) for axis in call.reach(source))


def expanded_view(call: Call) -> Reach:
    """``expand``: new dimensions in front carry nothing."""
    source = call.tensors()[0]
    shift = call.outputs[0].ndim - source.ndim
    return tuple(moved(axis, lambda d: d + shift) for axis in call.reach(source))


def sliced(call: Call) -> Reach:
    """``x[a:b:step]`` along one dimension."""
    source = call["self"]
    dim = positive(call["dim"], source.ndim)
    size = source.shape[dim]
    start = call["start"] or 0
    start = max(0, min(size, start + size if start < 0 else start))
    return narrowed(call.reach(source), dim, start, call["step"])


def narrowed(reach: Reach, dim: int, start: int, step: int = 1) -> Reach:
    """Units from ``start`` on."""

    def taps(unit: int) -> range:
        return range(start + unit * step, start + unit * step + 1)

    return tuple(
        unknown(axis.dims, axis.size)
        if dim in axis.dims and (axis.unknown or axis.folded)
        else windowed(axis, dim, taps, 1, step)
        for axis in reach
    )


def selected(call: Call) -> Reach:
    """``x[i]`` along one dimension, which goes away."""
    source = call["self"]
    dim = positive(call["dim"], source.ndim)
    reach = narrowed(call.reach(source), dim, call["index"] % source.shape[dim], 0)
    return without(reach, dim)


def without(reach: Reach, dim: int) -> Reach:
    """One dimension less."""

    def where(d: int) -> int | None:
        return None if d == dim else d - (d > dim)

    return tuple(moved(axis, where) for axis in reach)


def parted(call: Call) -> list[Reach]:
    """``split``, ``chunk``, ``unbind``: one reach per part."""
    source = call.tensors()[0]
    dim = positive(call["dim"], source.ndim)
    parts, start = [], 0
    for output in call.outputs:
        if call.name == "unbind":
            one = narrowed(call.reach(source), dim, start, 0)
            parts.append(without(one, dim))
            start += 1
        else:
            parts.append(narrowed(call.reach(source), dim, start))
            start += output.shape[dim]
    return parts


def concatenated(call: Call) -> Reach:
    """``cat``: a unit of the result comes from one part; the largest counts."""
    result = call.outputs[0]
    dim = positive(call["dim"], result.ndim)
    reaches = [call.reach(t) for t in call["tensors"] if t.ndim == result.ndim]
    return tuple(
        unknown(
            frozenset().union(*(a.dims for a in axes)) | {dim},
            max(a.size for a in axes) if all(a.size for a in axes) else 0,
        )
        if any(dim in a.dims for a in axes)
        else _all_united(axes, tuple(result.shape))
        for axes in zip(*reaches, strict=True)
    )


def stacked(call: Call) -> Reach:
    """``stack``: a new dimension that carries nothing."""
    result = call.outputs[0]
    dim = positive(call["dim"], result.ndim)
    reaches = [
        tuple(moved(a, lambda d: d + (d >= dim)) for a in call.reach(t))
        for t in call["tensors"]
    ]
    return tuple(
        _all_united(axes, tuple(result.shape)) for axes in zip(*reaches, strict=True)
    )


def _all_united(axes: Sequence[Axis], shape: tuple[int, ...]) -> Axis:
    first = axes[0]
    for other in axes[1:]:
        first = united(first, other, lambda d: shape[d])
    return first


def elementwise(call: Call) -> Reach:
    """Unit by unit, shapes broadcast: the union of all arguments."""
    result = call.outputs[0]
    reaches = []
    for tensor in call.tensors():
        shift = result.ndim - tensor.ndim
        if shift < 0:
            return mixed(call)
        reaches.append(
            tuple(moved(a, lambda d, s=shift: d + s) for a in call.reach(tensor))  # type: ignore[misc]
        )
    return tuple(
        _all_united(axes, tuple(result.shape)) for axes in zip(*reaches, strict=True)
    )


def mixed(call: Call) -> Reach:
    """An operation nothing is known about: what it may see cannot be told."""
    reaches = [call.reach(t) for t in call.tensors()]
    dims = frozenset(range(call.outputs[0].ndim)) if call.outputs else frozenset()
    return tuple(
        axes[0]
        if all(a.blind for a in axes)
        else EVERYTHING
        if any(a.everything for a in axes)
        else unknown(dims)
        for axes in zip(*reaches, strict=True)
    )


def same(call: Call) -> Reach:
    """Unit by unit of the first argument, whatever the others are."""
    return call.reach(call.tensors()[0])


def flipped(call: Call) -> Reach:
    """``flip`` and ``roll``: the places change, so a pattern is lost."""
    source = call.tensors()[0]
    dims = {positive(d, source.ndim) for d in call["dims"]} or set(range(source.ndim))
    return tuple(
        unknown(a.dims, a.size) if a.dims & dims else a for a in call.reach(source)
    )


def summed(reach: Reach, dims: set[int], shape: Sequence[int], keep: bool) -> Reach:
    """After a sum over ``dims``."""
    for dim in sorted(dims, reverse=True):
        reach = tuple(collapsed(axis, dim, shape[dim]) for axis in reach)
        if not keep:
            reach = without(reach, dim)
    return reach


VIEW_RULES: dict[str, Rule] = {
    "t": transposed,
    "transpose": transposed,
    "permute": transposed,
    "expand": expanded_view,
    "slice": sliced,
    "select": selected,
    "cat": concatenated,
    "stack": stacked,
    "flip": flipped,
    "roll": flipped,
    "native_batch_norm": same,
    "_native_batch_norm_legit": same,
    "_native_batch_norm_legit_no_training": same,
    "cudnn_batch_norm": same,
    "native_group_norm": same,
    "channel_shuffle": same,
    "native_channel_shuffle": same,
    "native_layer_norm": same,
}
VIEW_RULES |= {
    name: reshaped
    for name in ("view", "_unsafe_view", "_reshape_alias", "unsqueeze", "squeeze")
}
VIEW_RULES |= {
    name: parted for name in ("split", "split_with_sizes", "unbind", "chunk")
}
