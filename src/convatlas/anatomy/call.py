"""One operation of torch as the rules of the anatomy see it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from convatlas.anatomy.axis import Reach


@dataclass(frozen=True)
class Call:
    """An operation that has just been done.

    Attributes:
        name: of the operator without overload, e.g. ``"convolution"``.
        arguments: by name, defaults included.
        outputs: the tensors it gave.
        reach: what is known about a tensor.
    """

    name: str
    arguments: Mapping[str, Any]
    outputs: tuple[Tensor, ...]
    reach: Callable[[Tensor], Reach]

    def __getitem__(self, argument: str) -> Any:
        return self.arguments[argument]

    def shape(self, argument: str) -> tuple[int, ...]:
        """Of a tensor among the arguments."""
        return tuple(self.arguments[argument].shape)

    def tensors(self) -> list[Tensor]:
        """All tensors among the arguments, also those in lists."""
        found = []
        for value in self.arguments.values():
            if isinstance(value, Tensor):
                found.append(value)
            elif isinstance(value, (list, tuple)):
                found += [v for v in value if isinstance(v, Tensor)]
        return found


Rule = Callable[[Call], Reach | list[Reach]]  # what the outputs see, or each of them


def positive(dim: int, dims: int) -> int:
    """A dimension counted from the front."""
    return dim % dims if dims else 0


def expanded(values: int | tuple[int, ...] | list[int], n: int) -> tuple[int, ...]:
    """An argument of a pooling or convolution as one number per dimension."""
    if isinstance(values, int):
        return (values,) * n
    given = tuple(values)
    return given * n if len(given) == 1 else given
