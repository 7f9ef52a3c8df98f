"""The gradients of a batch's loss."""

from dataclasses import replace

import torch
from torch import Tensor

from convatlas.recipe import Recipe
from convatlas.training.examples import Examples
from convatlas.training.group import Runner
from convatlas.training.losses import loss_and_answers
from convatlas.training.speed.execution import Execution
from convatlas.training.speed.passes import Passes
from convatlas.training.tasks import Weighing


class Gradients:
    """Adds them to those that the network's parameters hold.

    Attributes:
        execution: how they are computed; may be changed between two calls.

    Args:
        runner: calls the network.
        recipe: its label smoothing and the teachers' share.
        execution: to begin with.
    """

    def __init__(self, runner: Runner, recipe: Recipe, execution: Execution) -> None:
        self._runner = runner
        self._weighing = Weighing(recipe.label_smoothing, None, recipe.teacher_share)
        self.execution = execution
        self._passes = Passes()

    def add(
        self, images: Tensor, batch: Examples, scale: float, weights: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """Forward and backward.

        Args:
            images: N C H W, as the network wants them.
            batch: what is known of these pictures.
            scale: of the gradients.
            weights: of each class in the loss.

        Returns:
            The mean loss, not scaled, and the network's answers, both without history.
        """
        with self._passes.forward(self.execution, images):
            weighing = replace(self._weighing, classes=weights)
            loss, answers = self._runner(loss_and_answers, images, batch, weighing)
        torch.autograd.backward(loss if scale == 1 else loss * scale)
        return loss.detach(), answers.detach()


def gradients_of(runner: Runner, recipe: Recipe, execution: Execution) -> Gradients:
    """What computes them in that way."""
    if not execution.compiled:
        return Gradients(runner, recipe, execution)
    # torch's compiler takes a second to import
    from convatlas.training.speed.compiled import CompiledGradients

    return CompiledGradients(runner, recipe, execution)
