"""Optimizers of a recipe, with weight decay where it belongs."""

import torch
from torch import Tensor, nn

from convatlas.recipe import Recipe


def decaying(network: nn.Module) -> list[nn.Parameter]:
    """The weights that a penalty may shrink: not biases, not norms' scales.

    Those are the parameters with two or more dimensions, each once even if shared.
    """
    return [p for p in network.parameters() if p.requires_grad and p.ndim > 1]


def build_optimizer(network: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """The recipe's optimizer over all trainable parameters, in two groups."""
    shrinking = decaying(network)
    known = {id(p) for p in shrinking}
    others = [p for p in network.parameters() if p.requires_grad and id(p) not in known]
    groups = [
        {"params": shrinking, "weight_decay": recipe.weight_decay},
        {"params": others, "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    betas = (recipe.beta1, recipe.beta2)
    if recipe.optimizer == "sgd":
        return torch.optim.SGD(
            groups,
            lr=recipe.lr,
            momentum=recipe.momentum,
            nesterov=recipe.nesterov,
            fused=True,
        )
    if recipe.optimizer == "adam":
        return torch.optim.Adam(groups, lr=recipe.lr, betas=betas, fused=True)
    return torch.optim.AdamW(groups, lr=recipe.lr, betas=betas, fused=True)


def add_l1_gradient(weights: list[nn.Parameter], strength: float) -> None:
    """Adds the gradient of ``strength * sum(|w|)`` to that of each weight."""
    pairs = [(p.grad, p.detach().sign()) for p in weights if p.grad is not None]
    if pairs:
        gradients: list[Tensor] = [gradient for gradient, _ in pairs]
        torch._foreach_add_(gradients, [sign for _, sign in pairs], alpha=strength)
