"""Every tensor of a forward, with what each of its units reads of others.

The forward is run on shapes alone; the rules of the anatomy say what an operation
reads, each of its inputs being taken for a picture of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from torch import Tensor

from convatlas.anatomy.axis import BLIND, Axis, Reach, pixels
from convatlas.anatomy.call import Call
from convatlas.anatomy.dispatched import dispatched, written_views
from convatlas.anatomy.meta import OnMeta, tensors_in
from convatlas.anatomy.rules import seen_after
from convatlas.looking.listening import NO_ROW, Listener, Order


@dataclass
class Made:
    """A tensor of the forward.

    Attributes:
        shape: with the batch in front.
        reads: what each unit reads of others, by their numbers and dimensions.
        whole: others that all of it may depend on, all of them.
        border: what a padding beyond the border repeats: ``"replication"``,
            ``"reflection"``; empty: nothing.
    """

    shape: tuple[int, ...]
    reads: list[tuple[int, Mapping[int, Axis]]] = field(default_factory=list)
    whole: tuple[int, ...] = ()
    border: str = ""


class Watch(OnMeta):  # type: ignore[no-untyped-call]
    """Notes every tensor that depends on the picture, in the order they are made."""

    def __init__(self) -> None:
        super().__init__()
        self.made: list[Made] = []
        self._numbers: dict[int, int] = {}  # by the tensor's id
        self._held: list[Tensor] = []  # so that ids stay theirs

    def introduce(self, tensor: Tensor, made: Made | None = None) -> None:
        """A new tensor; without more the input."""
        self._numbers[id(tensor)] = len(self.made)
        self._held.append(tensor)
        self.made.append(made or Made(tuple(tensor.shape)))

    def number(self, tensor: Tensor) -> int | None:
        """Which of ``made`` it is; None for one that does not depend on the input."""
        return self._numbers.get(id(tensor))

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        result = self.compute(func, args, kwargs or {})
        call = dispatched(func, args, kwargs or {}, result, _nothing)
        given = map(self.number, call.tensors())
        sources = list(dict.fromkeys(n for n in given if n is not None))
        if sources:
            self._note(call, sources)
            for view, base in written_views(func, call):
                self._write_through(view, base)
        return result

    def _note(self, call: Call, sources: list[int]) -> None:
        asked = [(n, dim) for n in sources for dim in places(self.made[n].shape)]

        def reach(tensor: Tensor) -> Reach:
            own = self.number(tensor)
            return tuple(
                _units(dim, self.made[n].shape[dim]) if n == own else BLIND
                for n, dim in asked
            )

        seen = seen_after(replace(call, reach=reach))
        for output, axes in zip(call.outputs, seen, strict=True):
            by_source: dict[int, dict[int, Axis]] = {n: {} for n in sources}
            for (n, dim), axis in zip(asked, axes, strict=True):
                by_source[n][dim] = axis
            border = call.name.partition("_pad")[0]
            made = Made(
                tuple(output.shape),
                list(by_source.items()),
                border=border if border in ("replication", "reflection") else "",
            )
            self.introduce(output, made)

    def _write_through(self, view: Tensor, base: Tensor) -> None:
        """What was written into a view is somewhere in the whole tensor."""
        parts = [n for n in (self.number(view), self.number(base)) if n is not None]
        self.introduce(base, Made(tuple(base.shape), whole=tuple(parts)))


class Rows(Listener):
    """Which tensor of the watch is the output of which row."""

    def __init__(self, order: Order, watch: Watch) -> None:
        super().__init__(order)
        self.outputs: dict[int, int] = {}
        self._watch = watch

    def end(self, row: int, target: Any, args: Any, result: Any) -> Any:
        if isinstance(result, Tensor) and any(result is a for a in args):
            result = result.view_as(result)  # so that each row has a tensor of its own
        tensors = tensors_in((result,))
        number = self._watch.number(tensors[0]) if tensors and row != NO_ROW else None
        if number is not None:
            self.outputs[row] = number
        return result


def _units(dim: int, size: int) -> Axis:
    """The units along a dimension; a single one may stand for many (broadcast)."""
    return pixels(dim) if size > 1 else Axis(frozenset(), (0,), (0,), 0)


def _nothing(tensor: Tensor) -> Reach:
    return ()


def places(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The dimensions that are followed: those behind the channel, or all of a vector.

    Args:
        shape: with the batch in front.
    """
    return tuple(range(max(len(shape) - 2, 1 if len(shape) > 1 else 0), len(shape)))
