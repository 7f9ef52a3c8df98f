"""The loss of a recipe."""

from typing import Protocol, cast

import torch
from torch import Tensor, nn

from convatlas.recipe import Recipe
from convatlas.training.examples import Examples
from convatlas.training.tasks import EVEN, Weighing


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


def loss_and_answers(
    network: nn.Module,
    images: Tensor,
    batch: Examples,
    weighing: Weighing = EVEN,
) -> tuple[Tensor, Tensor]:
    """The task's mean loss over a batch, auxiliary classifiers included.

    A network that offers what ``WithAuxiliaries`` says has their losses added.

    Args:
        network: to ask.
        images: N C H W, float32, as the network wants them.
        batch: what is known of these pictures.
        weighing: of classes.

    Returns:
        The loss, a scalar with gradient, and the main answers, float32.
    """

    def loss(answers: Tensor) -> Tensor:
        own = batch.task.loss(answers, batch, weighing)
        if batch.told is None:
            return own
        imitation = batch.task.imitation(answers, batch.told)
        return own + weighing.teachers * (imitation - own)

    # Half precision ends here: the logarithm of the softmax wants float32.
    if not hasattr(network, "logits_with_auxiliaries"):
        answers = network(images).float()
        return loss(answers), answers
    branched = cast(WithAuxiliaries, network)
    logits, *others = branched.logits_with_auxiliaries(images)
    answers = logits.float()
    total = loss(answers)
    for weight, other in zip(branched.auxiliary_weights, others, strict=True):
        total = total + weight * loss(other.float())
    return total, answers
