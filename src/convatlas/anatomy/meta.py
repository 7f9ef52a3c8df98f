"""Running a network on the ``meta`` device: shapes without numbers, nothing copied."""

from typing import Any

import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode

from convatlas.anatomy.shapes import shaped


class OnMeta(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Every tensor that an operation receives stands for its shape only.

    Parameters and buffers stay where they are: an operation gets twins of them on the
    ``meta`` device. Tensors which the forward makes itself (``torch.arange(n)``) keep
    their numbers until they meet one on ``meta``.

    Args:
        real: compute with numbers after all, for networks whose course depends on them.
    """

    def __init__(self, real: bool = False) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.real = real
        self._twins: dict[int, tuple[Tensor, Tensor]] = {}
        self._made: dict[int, Tensor] = {}  # held, so that ids stay theirs

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # True would import the compiler, which takes a second

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        return self.compute(func, args, kwargs or {})

    def compute(self, func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
        """The operation's result, on ``meta`` unless all its tensors are home-made."""
        if self.real:
            return func(*args, **kwargs)
        tensors = tensors_in((*args, *kwargs.values()))
        if all(id(t) in self._made for t in tensors):
            result = func(*args, **kwargs)
            for tensor in tensors_in((result,)):
                if tensor.device.type != "meta":
                    self._made[id(tensor)] = tensor
            return result
        if "device" in kwargs:
            kwargs = {**kwargs, "device": torch.device("meta")}
        twins = [self._twin(a) for a in args]
        named = {k: self._twin(v) for k, v in kwargs.items()}
        schema = func._schema
        if not schema.is_mutable:
            given = named_arguments(schema, twins, named)
            result = shaped(schema.name.partition("::")[2], given)
            if result is not None:
                return result
        result = func(*twins, **named)
        if func._schema.is_mutable:
            return self._originals(result)
        return result

    def _twin(self, value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return type(value)([self._twin(v) for v in value])
        if not isinstance(value, Tensor) or value.device.type == "meta":
            return value
        known = self._twins.get(id(value))
        if known is None:
            twin = torch.empty_strided(
                value.shape, value.stride(), dtype=value.dtype, device="meta"
            )
            known = self._twins[id(value)] = (value, twin)
        return known[1]

    def _originals(self, result: Any) -> Any:
        """What an in-place operation returns is the tensor it was called with."""
        if isinstance(result, (list, tuple)):
            return type(result)([self._originals(r) for r in result])
        for original, twin in self._twins.values():
            if twin is result:
                return original
        return result


def named_arguments(schema: Any, args: Any, kwargs: dict[str, Any]) -> dict[str, Any]:
    """The arguments of an operation by name, defaults included."""
    names = [a.name for a in schema.arguments]
    defaults = {a.name: a.default_value for a in schema.arguments}
    return defaults | dict(zip(names, args, strict=False)) | kwargs


def tensors_in(values: Any) -> list[Tensor]:
    """All tensors in nested lists, tuples and dicts, in order."""
    found = []
    for value in values.values() if isinstance(values, dict) else values:
        if isinstance(value, Tensor):
            found.append(value)
        elif isinstance(value, (list, tuple, dict)):
            found += tensors_in(value)
    return found
