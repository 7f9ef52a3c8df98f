"""Building a network without numbers: no memory, no time for initialisation."""

from collections.abc import Callable
from typing import Any, TypeVar

import torch
from torch.utils._python_dispatch import TorchDispatchMode

T = TypeVar("T")

# in place and without effect on a shape
_INITIALISERS = frozenset(
    "uniform_ normal_ fill_ zero_ copy_ bernoulli_ random_ clamp_ erfinv_ mul_ add_ "
    "div_ sub_ exponential_ log_normal_ trunc_normal_".split()
)


class _Unfilled(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """What fills a tensor on ``meta`` with numbers is not done."""

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        return False  # True would import the compiler, which takes a second

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        name = func._schema.name.partition("::")[2]
        if name in _INITIALISERS and args and args[0].device.type == "meta":
            return args[0]
        return func(*args, **(kwargs or {}))


def without_numbers(build: Callable[[], T]) -> T:
    """What ``build`` returns, its tensors on the ``meta`` device where possible.

    A constructor that needs numbers (a schedule of drop rates read with ``item()``) is
    run again with them.
    """
    try:
        with torch.device("meta"), _Unfilled():  # type: ignore[no-untyped-call]
            return build()
    except Exception:
        return build()
