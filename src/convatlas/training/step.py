"""One optimizer step."""

from dataclasses import replace

import torch
from torch import Tensor

from convatlas.training.examples import Augmentation, Examples
from convatlas.training.inference import Transform
from convatlas.training.optimizers import add_l1_gradient, decaying
from convatlas.training.state import TrainingState


def train_step(
    state: TrainingState,
    train: Examples,
    chosen: Tensor,
    lr: float,
    transform: Transform,
    augmentation: Augmentation | None,
    weights: Tensor | None = None,
) -> None:
    """One optimizer step; adds losses and scores of its pictures to ``state.sums``.

    Args:
        state: changed in place.
        train: where the pictures are taken from.
        chosen: indices of the step's pictures; more than a batch of them go through
            the network in parts, whose gradients add up.
        lr: learning rate.
        transform: from pictures to the network's input.
        augmentation: of a part's pictures, before ``transform``.
        weights: of each class in the loss.
    """
    recipe = state.recipe
    for group in state.optimizer.param_groups:
        group["lr"] = lr * group["lr_share"]
    state.optimizer.zero_grad()
    sums = torch.zeros_like(state.sums)
    parts = torch.split(chosen, recipe.batch_size)
    for index, part in enumerate(parts):
        worth = None if weights is None else weights[train.labels[part]]
        share = state.group.share_of(len(part), worth)
        batch = share.taken(train, part, augmentation, state.order)
        images = state.gradients.execution.laid_out(transform(batch.images))
        if state.teachers is not None:
            told = state.teachers.answers(images, state.gradients.execution)
            batch = replace(batch, told=told)
        scale = share.scale * len(part) / len(chosen)
        with state.runner.part(share, last=index == len(parts) - 1):
            loss, answers = state.gradients.add(images, batch, scale, weights)
        if share.count:
            sums[0] += loss * share.count
            sums[1] += batch.task.score(answers, batch).sum()
    state.sums += state.group.total(sums)
    if recipe.l1:
        add_l1_gradient(decaying(state.network), recipe.l1)
    if recipe.clip:
        torch.nn.utils.clip_grad_norm_(state.network.parameters(), recipe.clip)
    state.optimizer.step()
    if state.average is not None:
        state.average.update_parameters(state.network)
