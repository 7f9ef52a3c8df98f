"""Muon: steps whose matrices have singular values of about one.

Jordan et al. 2024 (kellerjordan.github.io/posts/muon): the momentum of a weight matrix
is made orthogonal by Newton and Schulz's iteration before it is followed, so that rare
directions are learned as fast as common ones. Convolutions are matrices of one row an
output channel. Steps are scaled as Liu et al. 2025 (arXiv:2502.16982) do, so that one
learning rate serves these and the biases and norms, which go AdamW's way.

torch's own ``Muon`` takes matrices alone, and multiplies in bf16 everywhere.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from convatlas.training.precision import bf16_is_native

COEFFICIENTS = (3.4445, -4.7750, 2.0315)  # Jordan's, steep at zero
STEPS = 3  # five as he takes gave the same at a tenth more time (lenet5-tanh, n = 3)
SCALE = 0.2  # root mean square of AdamW's usual step
LARGE = 2**16  # numbers of a matrix; from here on bf16 pays where it is native


def with_muon(kind: type[torch.optim.AdamW]) -> type[torch.optim.AdamW]:
    """``AdamW`` that treats groups with ``"orthogonal": True`` as Muon does.

    Their ``momentum`` is Nesterov's; decay is decoupled, as AdamW's.

    Args:
        kind: AdamW or one of its children.
    """

    class Muon(kind):  # type: ignore[misc, valid-type]
        @torch.no_grad()
        def step(self, closure: Callable[[], float] | None = None) -> Any:
            groups: list[dict[str, Any]] = self.param_groups  # type: ignore[has-type]
            self.param_groups = [g for g in groups if not g.get("orthogonal")]
            try:
                loss = super().step(closure)
            finally:
                self.param_groups = groups
            for group in groups:
                if group.get("orthogonal"):
                    for weight in group["params"]:
                        if weight.grad is not None:
                            _follow(weight, self.state[weight], group)
            return loss

    return Muon


def _follow(weight: Tensor, state: dict[str, Any], group: dict[str, Any]) -> None:
    """One step of one matrix."""
    if "momentum" not in state:
        state["momentum"] = torch.zeros_like(weight)
        state["step"] = torch.zeros(())  # AdamW looks for it when it is loaded
    gradient, momentum = weight.grad, state["momentum"]
    assert gradient is not None
    momentum.mul_(group["momentum"]).add_(gradient)
    ahead = gradient.add(momentum, alpha=group["momentum"])
    rows = ahead.flatten(1)
    step = orthogonal(rows).view_as(ahead)
    weight.mul_(1 - group["lr"] * group["weight_decay"])
    weight.sub_(step, alpha=group["lr"] * SCALE * max(rows.shape) ** 0.5)


def orthogonal(matrix: Tensor) -> Tensor:
    """A matrix with the same singular vectors, and values near one.

    Args:
        matrix: of any shape.

    Returns:
        Of the same type. Values that were above a hundredth of the matrix's norm end
        between about .5 and 1.2; a matrix of zeros stays one.
    """
    short = matrix.numel() >= LARGE and bf16_is_native(matrix.device)
    found = matrix.to(torch.bfloat16) if short else matrix
    tall = found.shape[0] > found.shape[1]
    found = found.T if tall else found
    found = found / (found.norm() + 1e-7)
    a, b, c = COEFFICIENTS
    for _ in range(STEPS):
        square = found @ found.T
        change = torch.addmm(square, square, square, beta=b, alpha=c)
        found = torch.addmm(found, change, found, beta=a)
    return (found.T if tall else found).to(matrix.dtype)
