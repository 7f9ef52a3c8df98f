"""What can be taken together in a network, learned from what its first pass does."""

import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from convatlas.training.speed.composing import can_compose
from convatlas.training.speed.convolution import Convolution
from convatlas.training.speed.deferred import Outline, size_of

RECTIFY = (torch.relu, F.relu, Tensor.relu)
# Numbers in a result. Asking for every call and putting one off take 150 µs in a small
# network, on one core of a Xeon as long as rectifying half a million numbers.
FEWEST_RECTIFIED = 2**19
FEWEST_STACKED = 2**17


@dataclass(eq=False)
class Call:
    """One call of a function of torch, without its tensors, which the pass may free.

    Attributes:
        number: of the call in the pass.
        outline: of its result.
        source: its first argument's id and size, if that is a tensor.
        made: the calls whose results it was given, in their order, those of a list
            among them; None for what no call gave.
        does: ``"rectify"``, ``"pool"``, ``"stack"``, ``"convolve"`` or ``"pointwise"``
            if it is such a call, as it has to be to be taken together with others.
        users: the calls that were given its result.
    """

    number: int
    outline: Outline
    source: tuple[int, torch.Size] | None
    made: list["Call | None"]
    does: str | None
    users: list["Call"] = field(default_factory=list)

    @property
    def user(self) -> "Call | None":
        """The only one."""
        return self.users[0] if len(self.users) == 1 else None


class Foresight:
    """Watches a pass, call by call, and tells what to put off in the next ones.

    * A rectifier before a pooling: the maximum of what comes before it is rectified.
    * 1×1 convolutions that are stacked for another convolution, if they add channels;
      and the stacking.

    All of them only where nothing else is given their results.
    """

    def __init__(self) -> None:
        self._makers: dict[int, tuple[weakref.ref[Tensor], Call]] = {}
        self._calls: list[Call] = []

    def saw(
        self,
        number: int,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        result: Any,
    ) -> None:
        """Tells of a call and what it gave."""
        tensors = _tensors([*args, *kwargs.values()])
        made = [self._maker(tensor) for tensor in tensors]
        if not isinstance(result, Tensor):
            result = torch.empty(0)  # of no interest, but it uses others
        first = args[0] if args and isinstance(args[0], Tensor) else None
        call = Call(
            number,
            Outline.of(func, result),
            None if first is None else (id(first), first.shape),
            made,
            _kind(func, args, kwargs, result),
        )
        for maker in made:
            if maker is not None:
                maker.users.append(call)
        self._calls.append(call)
        self._makers[id(result)] = weakref.ref(result), call

    def learned(self) -> dict[int, Outline]:
        """The calls to put off, by their numbers."""
        return {
            one.number: one.outline
            for call in self._calls
            for one in (*_pooled_next(call), *_composed(call))
        }

    def _maker(self, tensor: Tensor) -> Call | None:
        made, call = self._makers.get(id(tensor), (None, None))
        return call if made is not None and made() is tensor else None


def fits(outline: Outline, func: Callable[..., Any], args: tuple[Any, ...]) -> bool:
    """Whether a later pass calls what the first one did."""
    if func is not outline.func:
        return False
    if func is torch.cat:
        size = list(size_of(args[0][0]))
        size[1] = sum(size_of(map_)[1] for map_ in args[0])
    else:
        size = list(size_of(args[0]))
        if func is torch.conv2d:
            size[1] = args[1].shape[0]
    return tuple(size) == outline.size


def _kind(
    func: Callable[..., Any],
    args: tuple[Any, ...],
    kwargs: dict[str, Any],
    result: Tensor,
) -> str | None:
    if not args or result is args[0]:  # in place: what was before is gone
        return None
    if func in RECTIFY:
        return "rectify"
    if func is F.max_pool2d:
        return None if kwargs.get("return_indices") else "pool"
    if func is torch.cat:
        along = (*args[1:], *kwargs.values())
        same = {map_.dtype for map_ in args[0]} == {result.dtype}
        return "stack" if along == (1,) and same else None
    if func is not torch.conv2d or kwargs:
        return None
    given = Convolution(*args)
    if not can_compose(given) or given.images.dtype != result.dtype:
        return None  # autocast would round the composed weights
    return "pointwise" if given.is_pointwise else "convolve"


def _pooled_next(call: Call) -> list[Call]:
    """A rectifier whose result is made smaller by the very next call."""
    user = call.user
    fine = (
        call.does == "rectify"
        and user is not None
        and user.does == "pool"
        and user.made[0] is call
        and user.number == call.number + 1
        and len(call.outline.size) == 4
        and call.outline.size.numel() >= FEWEST_RECTIFIED
        and user.outline.size.numel() < call.outline.size.numel()
    )
    return [call] if fine else []


def _composed(stack: Call) -> list[Call]:
    """1×1 convolutions whose results are stacked and convolved, and the stacking."""
    user = stack.user
    if (
        stack.does != "stack"
        or stack.outline.size.numel() < FEWEST_STACKED
        or user is None
        or user.does not in ("convolve", "pointwise")
        or user.made[0] is not stack
    ):
        return []
    by_source: dict[tuple[int, torch.Size], list[Call]] = {}
    for call in stack.made:
        if call is not None and call.does == "pointwise" and call.users == [stack]:
            if call.source is not None:
                by_source.setdefault(call.source, []).append(call)
    found = [
        call
        for (_, size), calls in by_source.items()
        if sum(c.outline.size[1] for c in calls) > size[1]
        for call in calls
    ]
    return [*found, stack] if found else []


def _tensors(given: Any) -> list[Tensor]:
    if isinstance(given, Tensor):
        return [given]
    if isinstance(given, list | tuple):
        return [tensor for part in given for tensor in _tensors(part)]
    return []
