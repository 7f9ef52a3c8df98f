"""One value of an output, step by step: "this 0.73 = Σ 25 products + bias".

``arithmetic_of`` works for every row of a layer table. Convolution, dense layers,
pooling, activations, normalisation, sums and attention are worked out in double
precision from weights and inputs; what is not known by name is asked by gradients
(``probing``), which tells copies and weighted sums from other functions.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from convatlas.anatomy import Row
from convatlas.errors import UsageError
from convatlas.looking.activations import Called, Looked, Looker
from convatlas.looking.arithmetic import pointwise, sums, windows
from convatlas.looking.arithmetic.probing import probed
from convatlas.looking.arithmetic.value import (
    Arithmetic,
    Step,
    Term,
    named,
    shortened,
)
from convatlas.looking.kernels import map_before
from convatlas.networks.blocks import Add, GlobalAveragePool
from convatlas.networks.lenet_1998 import RadialBasis
from convatlas.networks.number_heads import Attend

__all__ = ["Arithmetic", "Term", "arithmetic_of"]

INPUT = "input"  # the source that is the picture itself


def arithmetic_of(
    looker: Looker, images: Tensor, row: int, unit: Sequence[int]
) -> Arithmetic:
    """How one value of a row's output came about.

    Args:
        looker: of the network.
        images: 1 C H W, as the network takes them.
        row: index in the layer table, of a leaf.
        unit: place in the output of one picture, a number for each dimension.

    Raises:
        UsageError: no such place, or a row without an output.
    """
    known = looker.table.rows[row]
    place = checked_unit(known, unit)
    looked = looker.look(images, {row})
    if row not in looked.calls:
        raise UsageError(f"{known.name} ({known.operation}) cannot be worked out")
    called = looked.calls[row]
    sources = _sources(looker, looked, images, row, called)
    with looker.exclusively():
        step = _step(called, looker, row, place, sources)
    terms, others, left_out = shortened(step.terms)
    told = {term.source for term in terms if term.source is not None}
    whole = next(iter(told)) if len(told) == 1 else None
    if not told:  # one input counts, or the first, which others weigh
        whole = sources[0]
        terms = named(terms, whole)
    return Arithmetic(
        **{**vars(step), "terms": terms},
        layer=known.name,
        operation=known.operation,
        unit=place,
        value=float(looked.outputs[row][0][place]),
        others=others,
        left_out=left_out,
        source=whole,
    )


def checked_unit(row: Row, unit: Sequence[int]) -> tuple[int, ...]:
    """A place in a row's output.

    Raises:
        UsageError: there is no such place.
    """
    place = tuple(unit)
    fits = len(place) == len(row.output) and all(
        0 <= at < size for at, size in zip(place, row.output, strict=True)
    )
    if not fits:
        last = ",".join(str(size - 1) for size in row.output)
        first = ",".join("0" for _ in row.output)
        raise UsageError(
            f"unit {','.join(map(str, place))}: the output of {row.name} "
            f"({row.output_text}) has units {first} to {last}"
        )
    return place


def _step(
    called: Called,
    looker: Looker,
    row: int,
    unit: tuple[int, ...],
    sources: Sequence[str | None],
) -> Step:
    target, inputs = called.target, called.inputs
    first = inputs[0][0]
    if isinstance(target, (nn.Conv1d, nn.Conv2d)):
        return sums.convolution(target, first, unit)
    if isinstance(target, nn.Linear):
        return sums.dense(target, first, unit, map_before(looker.table, row))
    if isinstance(target, RadialBasis):
        return sums.distances(target.codes, first, unit)
    if isinstance(target, Attend):
        return sums.attention(first, inputs[1][0], unit)
    if isinstance(target, (nn.MaxPool2d, nn.AvgPool2d)) or isinstance(
        target, (nn.AdaptiveAvgPool2d, nn.AdaptiveMaxPool2d)
    ):
        return windows.pooling(target, first, unit)
    if isinstance(target, GlobalAveragePool):
        rows, columns = (list(range(size)) for size in first.shape[1:])
        return windows.windowed(first, unit[0], rows, columns, "mean")
    if isinstance(target, nn.BatchNorm2d) and target.running_mean is not None:
        return pointwise.batch_norm(target, first, unit)
    if isinstance(target, nn.LocalResponseNorm):
        return pointwise.local_response(target, first, unit)
    if isinstance(target, Add) and len({tuple(x.shape) for x in inputs}) == 1:
        return pointwise.addition([x[0] for x in inputs], sources, unit)
    operation = looker.table.rows[row].operation
    if type(target) in pointwise.FORMULAS:
        kind = type(target)
        return pointwise.activation(kind, operation, first, unit)  # type: ignore[arg-type]
    if not all(x.is_floating_point() for x in inputs):
        raise UsageError(
            f"{looker.table.rows[row].name} ({operation}) cannot be worked out: it "
            "reads something else than numbers"
        )
    return probed(_first_of(called), inputs, sources, unit, operation)


def _first_of(called: Called) -> Callable[..., Tensor]:
    def function(*inputs: Tensor) -> Tensor:
        result = called.again(*(x + 0 for x in inputs))  # may be worked on in place
        while isinstance(result, (list, tuple)):
            result = result[0]
        assert isinstance(result, Tensor)
        return result

    return function


def _sources(
    looker: Looker, looked: Looked, images: Tensor, row: int, called: Called
) -> list[str | None]:
    """The layers that each input came from, told by their numbers."""
    makers = [a for a, b in looker.table.edges if b == row]
    candidates = [
        (
            INPUT if maker < 0 else looker.table.rows[maker].name,
            images if maker < 0 else looked.outputs.get(maker),
        )
        for maker in makers
    ]
    return [
        next((name for name, known in candidates if _same(known, tensor)), None)
        for tensor in called.inputs
    ]


def _same(known: Tensor | None, tensor: Tensor) -> bool:
    """Whether it holds the same numbers, perhaps as another view."""
    return (
        known is not None
        and known.numel() == tensor.numel()
        and torch.equal(known.flatten(), tensor.flatten().to(known.dtype))
    )
