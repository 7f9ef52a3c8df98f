"""The same sums as some of torch's operators on a processor, in less time.

``halving``, ``covering`` and ``winograd`` replace single operators; what is gained by
taking several together, ``foresight`` finds in a network.
"""

from collections.abc import Callable
from typing import Any, Self, cast

import torch
from torch import Tensor
from torch.nn import functional as F
from torch.overrides import TorchFunctionMode

from convatlas.training.speed.composing import can_compose, composed_convolution
from convatlas.training.speed.convolution import Convolution
from convatlas.training.speed.covering import covering_convolution
from convatlas.training.speed.deferred import Deferred, Outline, computed
from convatlas.training.speed.foresight import RECTIFY, Foresight, fits
from convatlas.training.speed.halving import halving
from convatlas.training.speed.native.max_pooling import max_pooling
from convatlas.training.speed.winograd import winograd_convolution

Args = tuple[Any, ...]
Kwargs = dict[str, Any]


class FasterKernels(TorchFunctionMode):
    """Replaces torch's operators inside, wherever a faster one gives the same.

    For a processor; whatever fits none of the replacements runs as it is. Entered
    again for passes of the same network with pictures of the same size, it puts off
    what can be taken together with what comes next, as the first pass has shown.

    Args:
        exact: the same sums, written otherwise.
        winograd: fewer products in convolutions of many channels; rounds more.
        native: max pooling in code compiled for this machine.

    Attributes:
        used: whether anything is replaced; if not, asking cost 2 % of a small
            network's step.
    """

    def __init__(
        self, exact: bool = True, winograd: bool = False, native: bool = False
    ) -> None:
        super().__init__()
        self._native = native
        self._faster = {**(EXACT if exact else {}), **(WINOGRAD if winograd else {})}
        if exact and winograd:
            self._faster[torch.conv2d] = _convolution
        if native:
            self._faster[F.max_pool2d] = max_pooling
        self._first = Foresight() if exact else None
        self._put_off: dict[int, Outline] = {}  # calls of a pass by their numbers
        self._as_they_are: set[int] = set()  # calls that no faster operator fits
        self._number = 0
        self._rectified: Deferred | None = None  # by the call before
        self.used = False

    def __enter__(self) -> Self:
        self._number = 0
        super().__enter__()  # type: ignore[no-untyped-call]
        return self

    def __exit__(self, *exception: Any) -> None:
        super().__exit__(*exception)  # type: ignore[no-untyped-call]
        self._rectified = None
        if self._first is not None and exception[0] is None:
            self._put_off = self._first.learned()
            self.used = self.used or bool(self._put_off)
            self._first = None

    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Any,
        args: Args = (),
        kwargs: Kwargs | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        number, self._number = self._number, self._number + 1
        rectified, self._rectified = self._rectified, None
        if rectified is not None and not (args and args[0] is rectified):
            rectified.value()  # it waits for no more than one call
        outline = self._put_off.get(number)
        if outline is not None and fits(outline, func, args):
            return self._later(outline, args, kwargs)
        if Deferred in types:
            result = self._together(func, args, kwargs)
            if result is not None:
                return result
            args, kwargs = computed(args), computed(kwargs)
        result = self._result(func, args, kwargs, number)
        if self._first is not None:
            self._first.saw(number, func, args, kwargs, result)
        return result

    def _later(self, outline: Outline, args: Args, kwargs: Kwargs) -> Deferred:
        if outline.func is not torch.cat:
            args = computed(args)
        deferred = Deferred(outline, args, kwargs)
        if outline.func in RECTIFY:
            self._rectified = deferred
        return deferred

    def _together(self, func: Callable[..., Any], args: Args, kwargs: Kwargs) -> Any:
        """The result together with what was put off for it; None where it is not."""
        what = args[0] if args else None
        if not isinstance(what, Deferred) or what.is_computed:
            return None
        before = what.outline.func
        if before in RECTIFY:
            if func is F.max_pool2d and not kwargs.get("return_indices"):
                return self._rectified_pooling(what.given()[0], *args[1:], **kwargs)
        elif before is torch.cat and func is torch.conv2d and not kwargs:
            given = Convolution(*args)
            if can_compose(given):
                return composed_convolution(self._convolve, what, given)
        return None

    def _rectified_pooling(self, *args: Any, **kwargs: Any) -> Tensor:
        if self._native:
            faster = max_pooling(*args, **kwargs, rectified=True)
            if faster is not None:
                return faster
        return torch.relu(F.max_pool2d(*args, **kwargs))

    def _convolve(self, *args: Any) -> Tensor:
        return cast(Tensor, self._result(torch.conv2d, args, {}))

    def _result(
        self, func: Callable[..., Any], args: Args, kwargs: Kwargs, number: int = -1
    ) -> Any:
        faster = self._faster.get(func)
        named = kwargs and func not in NAMED
        if faster is not None and not named and number not in self._as_they_are:
            result = faster(*args, **kwargs)
            if result is not None:
                self.used = True
                return result
            if number >= 0:
                self._as_they_are.add(number)
        return func(*args, **kwargs)


def _convolution(*given: Any) -> Tensor | None:
    covering = covering_convolution(*given)
    return winograd_convolution(*given) if covering is None else covering


Replacements = dict[Any, Callable[..., Tensor | None]]
WINOGRAD: Replacements = {torch.conv2d: winograd_convolution}
EXACT: Replacements = {
    torch.conv2d: covering_convolution,
    torch._C._nn.avg_pool2d: halving,
}
NAMED = (F.max_pool2d,)  # whose replacement knows torch's names of arguments
