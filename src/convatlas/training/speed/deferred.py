"""A result that is not computed before it is known what for."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self, cast

import torch
from torch import Tensor

IN_TURN = "--kernels off computes everything in its turn"
PASSED_BY = f"took a result that was put off without asking for it; {IN_TURN}"


@dataclass(frozen=True)
class Outline:
    """What can be told of a function's result without computing it."""

    func: Callable[..., Any]
    size: torch.Size
    strides: tuple[int, ...]
    dtype: torch.dtype
    device: torch.device

    @classmethod
    def of(cls, func: Callable[..., Any], result: Tensor) -> Self:
        """That of ``result``, which ``func`` gave."""
        return cls(func, result.shape, result.stride(), result.dtype, result.device)


class Deferred(Tensor):
    """Stands for a function's result until something wants its numbers.

    Whatever is done with it computes it first, once, with gradients if they were wanted
    where it was put off. Only who asks for what it was given can do without.

    Attributes:
        outline: of the result.
    """

    outline: Outline
    _args: tuple[Any, ...]
    _kwargs: dict[str, Any]
    _wanted: bool
    _versions: list[int]
    _value: Tensor | None

    @staticmethod
    def __new__(
        cls, outline: Outline, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> "Deferred":
        made: Deferred = Tensor._make_wrapper_subclass(
            cls,
            outline.size,
            strides=outline.strides,
            dtype=outline.dtype,
            device=outline.device,
            requires_grad=torch.is_grad_enabled(),
        )
        made.outline, made._args, made._kwargs = outline, args, kwargs
        made._wanted = torch.is_grad_enabled()
        made._versions = [_version(t) for t in _tensors(args)]
        made._value = None
        if made._wanted:
            with torch._C.DisableTorchFunctionSubclass():
                made.register_hook(_lost)  # type: ignore[no-untyped-call]
        return made

    def __init__(self, *_: Any) -> None:
        """Everything is done by then."""

    @property
    def is_computed(self) -> bool:
        """Whether something wanted it already."""
        return self._value is not None

    def given(self) -> tuple[Any, ...]:
        """The arguments, as they were when it was put off.

        Raises:
            RuntimeError: one was changed in place meanwhile.
        """
        if [_version(t) for t in _tensors(self._args)] != self._versions:
            raise RuntimeError(
                "a feature map was changed in place before a result of it was used; "
                f"{IN_TURN}"
            )
        return self._args

    def value(self) -> Tensor:
        """The result; see ``given``."""
        if self._value is None:
            args = self.given()
            with torch.set_grad_enabled(self._wanted):
                self._value = cast(Tensor, self.outline.func(*args, **self._kwargs))
        return self._value

    @classmethod
    def __torch_function__(
        cls,
        func: Callable[..., Any],
        types: Any,
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        return func(*computed(args), **computed(kwargs or {}))

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        raise RuntimeError(f"{func} {PASSED_BY}")


def computed(given: Any) -> Any:
    """``given``, an argument or several, with the value of all that was deferred."""
    if isinstance(given, Deferred):
        return given.value()
    if isinstance(given, list | tuple) and any(
        isinstance(part, Deferred | list | tuple) for part in given
    ):
        return type(given)(computed(part) for part in given)
    if isinstance(given, dict):
        return {name: computed(part) for name, part in given.items()}
    return given


def size_of(tensor: Tensor) -> torch.Size:
    """Its shape; what is deferred stays so."""
    return tensor.outline.size if isinstance(tensor, Deferred) else tensor.shape


def _tensors(args: tuple[Any, ...]) -> list[Tensor]:
    found = []
    for arg in args:
        if isinstance(arg, list | tuple):
            found += _tensors(tuple(arg))
        elif isinstance(arg, Tensor) and not isinstance(arg, Deferred):
            found.append(arg)
    return found


def _version(tensor: Tensor) -> int:
    return 0 if tensor.is_inference() else tensor._version


def _lost(gradient: Tensor) -> None:
    raise RuntimeError(f"a function of autograd's own {PASSED_BY}")
