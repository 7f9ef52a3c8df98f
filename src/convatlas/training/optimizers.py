"""Optimizers of a recipe, with weight decay where it belongs."""

import torch
from torch import Tensor, nn

from convatlas.errors import TrainingError
from convatlas.recipe import Recipe
from convatlas.training.freezing import features_of
from convatlas.training.lean_start import lean
from convatlas.training.muon import with_muon


def decaying(network: nn.Module) -> list[nn.Parameter]:
    """The weights that a penalty may shrink: not biases, not norms' scales.

    Those are the parameters with two or more dimensions, each once even if shared.
    """
    return [p for p in network.parameters() if p.requires_grad and p.ndim > 1]


def build_optimizer(network: nn.Module, recipe: Recipe) -> torch.optim.Optimizer:
    """The recipe's optimizer over all trainable parameters.

    Up to four groups, by learning rate (features or not) and decay (see ``decaying``);
    each costs a call a step. ``lr_share`` of a group is what the learning rate has to
    be multiplied with.

    Raises:
        TrainingError: nothing is left to train.
    """
    shrinking = {id(p) for p in decaying(network)}
    features = {id(p) for p in features_of(network).parameters()}
    parts: dict[tuple[float, float, bool], list[nn.Parameter]] = {}
    for p in network.parameters():
        if p.requires_grad:
            shrinks = id(p) in shrinking
            share = recipe.features_lr if id(p) in features else 1.0
            decay = recipe.weight_decay if shrinks else 0.0
            orthogonal = shrinks and recipe.optimizer == "muon"
            parts.setdefault((share, decay, orthogonal), []).append(p)
    if not parts:
        raise TrainingError("every parameter is frozen: nothing is left to train")
    groups = [
        {
            "params": parameters,
            "weight_decay": decay,
            "lr_share": share,
            **({"orthogonal": True, "momentum": recipe.momentum} if orthogonal else {}),
        }
        for (share, decay, orthogonal), parameters in parts.items()
    ]
    betas = (recipe.beta1, recipe.beta2)
    if recipe.optimizer == "sgd":
        return lean(torch.optim.SGD)(
            groups,
            lr=recipe.lr,
            momentum=recipe.momentum,
            nesterov=recipe.nesterov,
            fused=True,
        )
    if recipe.optimizer == "adam":
        return lean(torch.optim.Adam)(groups, lr=recipe.lr, betas=betas, fused=True)
    if recipe.optimizer == "muon":
        kind = with_muon(lean(torch.optim.AdamW))
        return kind(groups, lr=recipe.lr, betas=betas, fused=True)
    return lean(torch.optim.AdamW)(groups, lr=recipe.lr, betas=betas, fused=True)


def add_l1_gradient(weights: list[nn.Parameter], strength: float) -> None:
    """Adds the gradient of ``strength * sum(|w|)`` to that of each weight."""
    pairs = [(p.grad, p.detach().sign()) for p in weights if p.grad is not None]
    if pairs:
        gradients: list[Tensor] = [gradient for gradient, _ in pairs]
        torch._foreach_add_(gradients, [sign for _, sign in pairs], alpha=strength)
