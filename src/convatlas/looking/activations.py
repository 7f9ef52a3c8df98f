"""One forward, and what every row of the layer table gave in it."""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

import torch
from torch import Tensor, nn

from convatlas.anatomy import Row, Table, trace
from convatlas.anatomy.meta import tensors_in
from convatlas.anatomy.undisturbed import undisturbed
from convatlas.errors import NetworkError
from convatlas.looking.listening import NO_ROW, Listener, Order

NOTHING: frozenset[int] = frozenset()
Target = Callable[..., Any]


@dataclass(frozen=True)
class Called:
    """One call of a module, or of a function by a container.

    Attributes:
        target: the module or function.
        arguments: by position; tensors are copies.
        named: by name.
        result: what came out.
    """

    target: Target
    arguments: tuple[Any, ...]
    named: Mapping[str, Any]
    result: Any

    @property
    def inputs(self) -> list[Tensor]:
        """All tensors that went in, the network's own parameters left out."""
        given = tensors_in((self.arguments, dict(self.named)))
        return [tensor for tensor in given if not isinstance(tensor, nn.Parameter)]

    def again(self, *inputs: Tensor) -> Any:
        """What comes out when other tensors go in, in the order of ``inputs``.

        Hooks of the module are left alone.
        """
        function = self.target
        if isinstance(function, nn.Module):
            function = function.forward
        given = iter(inputs)
        arguments = _replaced(self.arguments, given)
        return function(*arguments, **_replaced(dict(self.named), given))


@dataclass(frozen=True)
class Looked:
    """What a network did with pictures.

    Attributes:
        result: what the network returned.
        outputs: by row, the first tensor that it gave, N × the row's shape. A row
            whose output does not begin with the pictures (a product of parts that a
            function joins) is there only for one picture: 1 × its shape.
        calls: of the rows that were asked for.
    """

    result: Any
    outputs: Mapping[int, Tensor]
    calls: Mapping[int, Called] = field(default_factory=dict)


class Looker:
    """A network whose rows can be looked at while it works.

    Which call belongs to which row is found out once; a look then costs little more
    than the forward. Nothing about the network is changed by looking: its results are
    the same bit by bit, and modes, hooks, buffers and the random state are as before.
    One look at a time: threads wait for each other.

    Args:
        network: any module that ``anatomy.trace`` can take apart.
        table: of the network, as traced at the size of the pictures.
    """

    def __init__(self, network: nn.Module, table: Table) -> None:
        self.network: nn.Module = getattr(network, "_orig_mod", network)
        self.table = table
        self._one_at_a_time = Lock()
        self._order = Order.of(table)
        self._copies = False

    @classmethod
    def of(cls, network: nn.Module, input: tuple[int, ...]) -> "Looker":
        """For pictures of (channels, height, width)."""
        return cls(network, trace(network, input))

    def look(self, images: Tensor, calls: Collection[int] = NOTHING) -> Looked:
        """One forward in evaluation mode, without gradients.

        Args:
            images: N C H W, as the network takes them.
            calls: rows whose arguments are wanted too.

        Raises:
            NetworkError: the network takes another course for these pictures than for
                those that it was traced with.
        """
        wanted = frozenset(calls)
        with self._one_at_a_time, torch.inference_mode(False):
            looked = self._forward(images.clone(), wanted)
            if looked is None:  # something was changed in place after it was noted
                self._copies = True
                looked = self._forward(images.clone(), wanted)
        assert looked is not None
        return looked

    @contextmanager
    def exclusively(self) -> Iterator[None]:
        """No other thread looks meanwhile; evaluation mode, all as before after."""
        with self._one_at_a_time, undisturbed(self.network, buffers=True):
            yield

    def _forward(self, images: Tensor, calls: frozenset[int]) -> Looked | None:
        notes = _Notes(self._order, self.table.rows, self._copies, calls)
        with (
            undisturbed(self.network, buffers=True),
            notes.listening(self.network),
        ):
            result = self.network(images)
        if not self._copies and notes.changed:
            return None
        notes.check(len(images))
        return Looked(result, notes.outputs, notes.calls)


class _Notes(Listener):
    """Takes down the outputs of one forward.

    Args:
        order: of the rows.
        table: all rows.
        copies: keep copies, since the network works in place.
        calls: rows whose arguments are kept.
    """

    def __init__(
        self, order: Order, table: tuple[Row, ...], copies: bool, calls: frozenset[int]
    ) -> None:
        super().__init__(order)
        self.outputs: dict[int, Tensor] = {}
        self.calls: dict[int, Called] = {}
        self._table = table
        self._copies = copies
        self._wanted = calls
        self._versions: dict[int, int] = {}
        self._given: dict[int, tuple[Any, Any]] = {}

    @property
    def changed(self) -> bool:
        """Whether an output was changed in place after it was taken down."""
        return any(self.outputs[i]._version != v for i, v in self._versions.items())

    def begin(self, row: int, target: Target, args: Any, named: Any) -> None:
        if row in self._wanted:
            self._given[row] = _copied(args), _copied(named)

    def end(self, row: int, target: Target, args: Any, result: Any) -> Any:
        if row in self._wanted:
            given, named = self._given[row]
            self.calls[row] = Called(target, given, named, _copied(result))
        tensors = tensors_in((result,)) if row != NO_ROW else []
        if tensors:
            first = tensors[0].detach()
            self.outputs[row] = first.clone() if self._copies else first
            self._versions[row] = first._version
        return result

    def check(self, pictures: int) -> None:
        """Whether all rows came, with the shapes that the table says.

        Args:
            pictures: how many went in.
        """
        for row in self._order.rows:
            found, known = self.outputs.get(row), self._table[row]
            shape = None if found is None else tuple(found.shape)
            if shape == (pictures, *known.output):
                continue
            if found is not None and (pictures > 1 or shape == known.output):
                del self.outputs[row]
                if pictures == 1:
                    self.outputs[row] = found[None]
                continue
            got = "nothing" if found is None else _shape(found)
            raise NetworkError(
                f"{known.name} gave {got} where {known.output_text} was expected: for "
                "these pictures the network takes another course than for those it was "
                "traced with"
            )


def _copied(values: Any) -> Any:
    """The same with copies of its tensors, which nobody changes in place."""
    if isinstance(values, Tensor):
        copy = values.detach().clone()
        own = isinstance(values, nn.Parameter)
        return nn.Parameter(copy, requires_grad=False) if own else copy
    if isinstance(values, dict):
        return {key: _copied(value) for key, value in values.items()}
    if isinstance(values, (list, tuple)) and not hasattr(values, "_fields"):
        return type(values)(_copied(value) for value in values)
    return values


def _replaced(values: Any, given: Iterator[Tensor]) -> Any:
    """The same with other tensors in the place of all but parameters."""
    if isinstance(values, Tensor):
        return values if isinstance(values, nn.Parameter) else next(given)
    if isinstance(values, dict):
        return {key: _replaced(value, given) for key, value in values.items()}
    if isinstance(values, (list, tuple)) and not hasattr(values, "_fields"):
        return type(values)(_replaced(value, given) for value in values)
    return values


def _shape(tensor: Tensor) -> str:
    return "×".join(map(str, tensor.shape[1:])) or "1"
