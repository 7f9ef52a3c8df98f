"""The loss of a recipe."""

from typing import Protocol, cast

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from convatlas.recipe import Recipe


def class_weights(recipe: Recipe, labels: Tensor, classes: int) -> Tensor | None:
    """Weight of each class; None where all weigh the same.

    'balanced' gives N / (classes * count), so that the mean weight over the labels
    is 1; a class without pictures weighs 0.
    """
    if recipe.class_weights == "none":
        return None
    counts = torch.bincount(labels, minlength=classes).float()
    weights = len(labels) / (classes * counts.clamp_min(1))
    return weights.where(counts > 0, 0.0)


class WithAuxiliaries(Protocol):
    """A network with classifiers on the way, which only training uses."""

    auxiliary_weights: tuple[float, ...]

    def logits_with_auxiliaries(self, images: Tensor) -> tuple[Tensor, ...]:
        """The main logits first, then one a weight."""


def loss_and_logits(
    network: nn.Module,
    images: Tensor,
    labels: Tensor,
    smoothing: float = 0.0,
    weights: Tensor | None = None,
) -> tuple[Tensor, Tensor]:
    """Mean cross-entropy over a batch, auxiliary classifiers included.

    A network that offers what ``WithAuxiliaries`` says has their losses added.

    Args:
        images: N C H W, float32, as the network wants them.
        labels: N, int64.
        smoothing: share of the target that is spread over all classes.
        weights: of each class.

    Returns:
        The loss, a scalar with gradient, and the main logits, N × classes.
    """

    def loss(logits: Tensor) -> Tensor:
        # Half precision ends here: the logarithm of the softmax wants float32.
        return cross_entropy(
            logits.float(), labels, weight=weights, label_smoothing=smoothing
        )

    if not hasattr(network, "logits_with_auxiliaries"):
        logits = network(images)
        return loss(logits), logits
    branched = cast(WithAuxiliaries, network)
    logits, *others = branched.logits_with_auxiliaries(images)
    total = loss(logits)
    for weight, other in zip(branched.auxiliary_weights, others, strict=True):
        total = total + weight * loss(other)
    return total, logits
