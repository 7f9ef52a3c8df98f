"""Guided back-propagation: gradients that may only be positive on their way down.

Source: Springenberg et al. 2014 (arXiv:1412.6806), section 3.4.
"""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional
from torch.overrides import TorchFunctionMode

from convatlas.importance.asking import Question

_CALLS = frozenset((functional.relu, torch.relu, Tensor.relu))
_IN_PLACE = frozenset((functional.relu_, torch.relu_, Tensor.relu_))


class _GuidedRelu(torch.autograd.Function):
    """A ReLU that passes a gradient on where it and the input are positive."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        ctx.save_for_backward(values > 0)
        return values.clamp_min(0)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        (passes,) = ctx.saved_tensors
        guided: Tensor = gradients[0].clamp_min(0) * passes
        return guided


class GuidedRelus(TorchFunctionMode):
    """Every ReLU inside is guided: modules, shared ones, functions, in place or not.

    captum's hooks see modules alone, and clamp the sum of all gradients where the input
    of a ReLU is used a second time.

    Attributes:
        count: ReLUs that were met.
    """

    def __init__(self) -> None:
        super().__init__()
        self.count = 0

    def __torch_function__(
        self, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        given = kwargs or {}
        if func not in _CALLS and func not in _IN_PLACE:
            return func(*args, **given)
        self.count += 1
        values = args[0] if args else given["input"]
        result = _GuidedRelu.apply(values)
        at_once = args[1] if len(args) > 1 else given.get("inplace", False)
        if at_once or func in _IN_PLACE:
            return values.copy_(result)
        return result


def guided_backprop(question: Question) -> tuple[Tensor, int]:
    """The guided gradient by each pixel, 1 C H W, and how many ReLUs guided it."""
    picture = question.picture.clone().requires_grad_()
    with GuidedRelus() as relus:
        score = question.score(picture).sum()
    (gradient,) = torch.autograd.grad(score, picture)
    return gradient, relus.count
