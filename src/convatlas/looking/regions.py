"""What a unit depends on: a box of the input and of every map before it, exactly.

The forward is run once on shapes alone and every operation is noted with what each of
its units reads of its inputs, by the rules of the anatomy. From a unit one then goes
back through all paths; where paths meet, the box around all of them counts.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import nn

from convatlas.anatomy import Table
from convatlas.anatomy.axis import Axis
from convatlas.anatomy.undisturbed import undisturbed
from convatlas.errors import NetworkError
from convatlas.looking.arithmetic.value import Box
from convatlas.looking.dependencies import Made, Rows, Watch, places
from convatlas.looking.listening import Order

Spans = dict[int, tuple[int, int]]  # of the dimensions of a tensor, first and last


@dataclass(frozen=True)
class Region:
    """What one unit depends on.

    Attributes:
        input: (top, left, bottom, right) of the picture, the last pixels included, cut
            to it; None: it depends on nothing of it.
        maps: the same of the output of every row it depends on, and of its own. A
            vector counts as one row of numbers, a matrix as a map.
    """

    input: Box | None
    maps: Mapping[int, Box]


class Regions:
    """The regions of a network's units, after one forward on shapes.

    Args:
        network: any module that ``anatomy.trace`` can take apart.
        table: of it.

    Raises:
        NetworkError: the forward needs numbers and fails without.
    """

    def __init__(self, network: nn.Module, table: Table) -> None:
        self._table = table
        network = getattr(network, "_orig_mod", network)
        watch = Watch()
        rows = Rows(Order.of(table), watch)
        with undisturbed(network):
            first = next(
                (p for p in network.parameters() if p.is_floating_point()), None
            )
            dtype = torch.float32 if first is None else first.dtype
            images = torch.zeros((1, *table.input), dtype=dtype, device="meta")
            watch.introduce(images)
            try:
                with watch, rows.listening(network):
                    network(images)
            except (NotImplementedError, RuntimeError) as error:
                why = str(error).strip().splitlines()[0]
                raise NetworkError(
                    f"{table.name}: its regions cannot be told, since its forward "
                    f"needs numbers ({why})"
                ) from None
        self._made = watch.made
        self._outputs = rows.outputs

    def of(self, row: int, unit: tuple[int, ...]) -> Region:
        """What a unit depends on.

        Args:
            row: index in the layer table, of a leaf.
            unit: (row, column) of a map, (place,) of a vector; of other shapes a
                number for each dimension but the channel.
        """
        start = self._outputs[row]
        shape = self._made[start].shape
        dims = places(shape)
        boxes: dict[int, Spans] = {
            start: {dim: (at, at) for dim, at in zip(dims, unit, strict=True)}
        }
        for tensor in range(start, -1, -1):  # what is read was made before
            if tensor in boxes:
                self._back(tensor, boxes)
        maps = {
            index: self._box(made, boxes[made])
            for index, made in self._outputs.items()
            if made in boxes and index <= row
        }
        seen = self._box(0, boxes[0]) if 0 in boxes else None
        return Region(seen, maps)

    def _back(self, tensor: int, boxes: dict[int, Spans]) -> None:
        made, spans = self._made[tensor], boxes[tensor]
        for source in made.whole:
            _widen(boxes, source, _everything(self._made[source].shape))
        for source, reaches in made.reads:
            shape = self._made[source].shape
            found: Spans = {}
            for dim, axis in reaches.items():
                span = _read(axis, spans, made, shape[dim])
                if span is None:
                    break
                found[dim] = span
            else:
                _widen(boxes, source, found)

    def _box(self, tensor: int, spans: Spans) -> Box:
        dims = places(self._made[tensor].shape)
        (top, bottom), (left, right) = ([(0, 0)] * 2 + [spans[d] for d in dims])[-2:]
        return top, left, bottom, right


def _everything(shape: tuple[int, ...]) -> Spans:
    return {dim: (0, shape[dim] - 1) for dim in places(shape)}


def _widen(boxes: dict[int, Spans], tensor: int, spans: Spans) -> None:
    before = boxes.get(tensor)
    if before is None:
        boxes[tensor] = dict(spans)
        return
    for dim, (first, last) in spans.items():
        old = before[dim]
        before[dim] = min(old[0], first), max(old[1], last)


def _read(axis: Axis, spans: Spans, made: Made, size: int) -> tuple[int, int] | None:
    """Which units of one dimension of an input some units of the output read.

    Args:
        axis: what the output's units see of that dimension.
        spans: the units.
        made: the output.
        size: of the dimension.

    Returns:
        First and last, cut to the dimension; None where they read nothing of it.
    """
    if axis.blind:
        return None
    if not axis.first:
        return 0, size - 1
    if not axis.dims:
        units: Iterable[int] = (0,)
    else:
        (dim,) = axis.dims
        first, last = spans.get(dim, (0, made.shape[dim] - 1))
        units = _telling(axis, first, last)
    found = [axis.span(unit) for unit in units]
    low, high = min(a for a, _ in found), max(b for _, b in found)
    if low <= high and made.border:
        return _repeated(low, high, size, made.border)
    if low > high or high < 0 or low >= size:
        return None  # padding alone
    return max(low, 0), min(high, size - 1)


def _repeated(low: int, high: int, size: int, border: str) -> tuple[int, int]:
    """The units behind places beyond the border that a padding fills with others."""
    if border == "reflection":
        last = size - 1
        read = [last - abs(last - abs(at)) for at in range(low, high + 1)]
        low, high = min(read), max(read)
    return min(max(low, 0), size - 1), min(max(high, 0), size - 1)


def _telling(axis: Axis, first: int, last: int) -> Iterable[int]:
    """Some of the units from first to last, with the lowest and the highest of all."""
    if axis.count:
        rounds = range(first // axis.inner, last // axis.inner + 1)
        if len(rounds) >= axis.count:
            return range(0, axis.count * axis.inner, axis.inner)
        return (unit * axis.inner for unit in rounds)
    period = len(axis.first) * axis.inner
    if last - first < 2 * period:
        return range(first, last + 1)
    return (*range(first, first + period), *range(last - period + 1, last + 1))
