"""Hears which row of a layer table is at work during a forward."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

from torch import nn
from torch.overrides import TorchFunctionMode

from convatlas.anatomy import Table
from convatlas.anatomy.tracing import modules_in
from convatlas.anatomy.watching import QUERIES

NO_ROW = -1  # a call that the layer table has no row for


@dataclass(frozen=True)
class Order:
    """The rows by the order of the calls: of leaf modules, and of functions."""

    modules: Mapping[int, int]
    functions: Mapping[int, int]

    @classmethod
    def of(cls, table: Table) -> "Order":
        """All leaf rows that were called and can be heard."""
        modules: dict[int, int] = {}
        functions: dict[int, int] = {}
        for index, row in enumerate(table.rows):
            if row.leaf and row.called and row.order >= 0:
                kind = functions if row.name.endswith("()") else modules
                kind[row.order] = index
        return cls(modules, functions)

    @property
    def rows(self) -> Iterator[int]:
        """All of them."""
        yield from self.modules.values()
        yield from self.functions.values()


class Listener:
    """Told of every call of one forward; subclasses do something about it.

    Args:
        order: of the network's rows.
    """

    def __init__(self, order: Order) -> None:
        self._order = order
        self._inside = 0  # leaf modules that are at work
        self._open: list[int] = []
        self._modules, self._functions = count(), count()

    def begin(
        self, row: int, target: Callable[..., Any], args: Any, named: Any
    ) -> None:
        """A call begins."""

    def end(self, row: int, target: Callable[..., Any], args: Any, result: Any) -> Any:
        """A call has ended; what is returned takes the place of its result."""
        return result

    @contextmanager
    def listening(self, network: nn.Module) -> Iterator[None]:
        """One forward inside; hooks are gone after it."""
        handles = []
        try:
            for _, module, owns in modules_in(network):
                if owns:
                    before, after = self._before, self._after
                    handles += [
                        module.register_forward_pre_hook(before, with_kwargs=True),
                        module.register_forward_hook(after),
                    ]
            if self._order.functions:
                with _Functions(self):
                    yield
            else:
                yield
        finally:
            for handle in handles:
                handle.remove()

    def _before(self, module: nn.Module, args: Any, named: Any) -> None:
        row = self._order.modules.get(next(self._modules), NO_ROW)
        self._inside += 1
        self._open.append(row)
        self.begin(row, module, args, named)

    def _after(self, module: nn.Module, args: Any, result: Any) -> Any:
        result = self.end(self._open.pop(), module, args, result)
        self._inside -= 1
        return result

    def function(self, func: Any, args: Any, named: dict[str, Any]) -> Any:
        """Calls a function; one that a container calls may have a row."""
        if self._inside:
            return func(*args, **named)
        row = self._order.functions.get(next(self._functions), NO_ROW)
        self.begin(row, func, args, named)
        return self.end(row, func, args, func(*args, **named))


class _Functions(TorchFunctionMode):
    """Tells of every function, as in ``anatomy.watching``."""

    def __init__(self, listener: Listener) -> None:
        super().__init__()
        self._listener = listener

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        if getattr(func, "__name__", type(func).__name__) in QUERIES:
            return func(*args, **(kwargs or {}))
        return self._listener.function(func, args, kwargs or {})
