"""What can be taken together in a network, learned from what its first pass does."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional as F

from convatlas.training.speed.composing import can_compose, is_pointwise
from convatlas.training.speed.deferred import Outline, size_of

RECTIFY = (torch.relu, F.relu, Tensor.relu)
# Numbers in a result. Asking for every call and putting one off take 150 µs in a small
# network, on one core of a Xeon as long as rectifying half a million numbers.
FEWEST_RECTIFIED = 2**19
FEWEST_STACKED = 2**17


@dataclass(eq=False)
class Call:
    """One call of a function of torch: the ``number``-th of the pass.

    Attributes:
        users: the calls that were given its result.
    """

    number: int
    func: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    result: Any
    users: list["Call"] = field(default_factory=list)


class Foresight:
    """Watches a pass, call by call, and tells what to put off in the next ones.

    * A rectifier before a pooling: the maximum of what comes before it is rectified.
    * 1×1 convolutions that are stacked for another convolution, if they add channels;
      and the stacking.

    All of them only where nothing else is given their results.
    """

    def __init__(self) -> None:
        self._makers: dict[int, Call] = {}  # by the id of their result
        self._calls: list[Call] = []

    def saw(
        self,
        number: int,
        func: Callable[..., Any],
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        result: Any,
    ) -> None:
        """Tells of a call; every result is kept until ``learned``."""
        call = Call(number, func, args, kwargs, result)
        for tensor in _tensors([*args, *kwargs.values()]):
            if id(tensor) in self._makers:
                self._makers[id(tensor)].users.append(call)
        self._calls.append(call)
        if isinstance(result, Tensor):
            self._makers[id(result)] = call

    def learned(self) -> dict[int, Outline]:
        """The calls to put off, by their numbers."""
        found: dict[int, Outline] = {}
        for call in self._calls:
            if len(call.users) != 1:
                continue
            put_off: list[Call] = []
            if call.func is torch.cat:
                put_off = self._composed(call)
            elif _is_pooled_next(call):
                put_off = [call]
            found |= {one.number: Outline.of(one.func, one.result) for one in put_off}
        return found

    def _composed(self, stack: Call) -> list[Call]:
        """The 1×1 convolutions to put off before a stacking, and itself."""
        user, maps = stack.users[0], stack.args[0]
        if (
            stack.result.numel() < FEWEST_STACKED
            or user.func is not torch.conv2d
            or user.kwargs
            or user.args[0] is not stack.result
            or not can_compose(*user.args)
            or (*stack.args[1:], *stack.kwargs.values()) != (1,)
            or len({map_.dtype for map_ in (*maps, user.result)}) > 1
        ):
            return []
        by_source: dict[int, list[Call]] = {}
        for map_ in maps:
            call = self._makers.get(id(map_))
            if (
                call is not None
                and call.users == [stack]
                and call.func is torch.conv2d
                and not call.kwargs
                and is_pointwise(*call.args)
                and call.args[0].dtype == call.result.dtype  # autocast would round
            ):
                by_source.setdefault(id(call.args[0]), []).append(call)
        found = [
            call
            for calls in by_source.values()
            if sum(c.result.shape[1] for c in calls) > calls[0].args[0].shape[1]
            for call in calls
        ]
        return [*found, stack] if found else []


def fits(outline: Outline, func: Callable[..., Any], args: tuple[Any, ...]) -> bool:
    """Whether a later pass calls what the first one did."""
    if func is not outline.func:
        return False
    if func is torch.cat:
        size = list(size_of(args[0][0]))
        size[1] = sum(size_of(map_)[1] for map_ in args[0])
        return tuple(size) == outline.size
    if func is torch.conv2d:
        return (len(args[0]), len(args[1])) == tuple(outline.size[:2])
    return size_of(args[0]) == outline.size


def _is_pooled_next(call: Call) -> bool:
    """Whether what was rectified is made smaller by the very next call."""
    user = call.users[0]
    return (
        call.func in RECTIFY
        and user.func is F.max_pool2d
        and user.number == call.number + 1
        and user.args[:1] == (call.result,)
        and not user.kwargs.get("return_indices")
        and call.result is not call.args[0]  # in place: what was before is gone
        and call.result.ndim == 4
        and call.result.numel() >= FEWEST_RECTIFIED
        and user.result.numel() < call.result.numel()
    )


def _tensors(given: Any) -> list[Tensor]:
    if isinstance(given, Tensor):
        return [given]
    if isinstance(given, list | tuple):
        return [tensor for part in given for tensor in _tensors(part)]
    return []
