"""The training loop: a generator that yields after every step and every epoch."""

from collections.abc import Iterator
from math import ceil, isfinite
from time import perf_counter

import torch
from torch import Tensor

from convatlas.errors import Diverged
from convatlas.recipe import Recipe
from convatlas.training.examples import Augmentation, Examples
from convatlas.training.freezing import set_training
from convatlas.training.inference import Transform, logits_of
from convatlas.training.losses import class_weights
from convatlas.training.progressive import transform_at
from convatlas.training.records import EpochRecord, StepRecord
from convatlas.training.schedules import learning_rate
from convatlas.training.state import TrainingState
from convatlas.training.step import train_step

CHECK_EVERY = 20  # steps between two looks whether the loss is still finite


def steps_of(recipe: Recipe, count: int) -> tuple[int, int]:
    """Optimizer steps of an epoch of ``count`` pictures, and of the whole training."""
    pictures = _usable(recipe, count)
    per_epoch = ceil(pictures / (recipe.batch_size * recipe.accumulate))
    return per_epoch, max(1, round(recipe.epochs * per_epoch))


def _usable(recipe: Recipe, count: int) -> int:
    # Batch norm cannot take a batch of one: an epoch leaves such a last one out.
    alone = count % recipe.batch_size == 1 and count > 1 and recipe.batch_size > 1
    return count - 1 if alone else count


def fit(
    state: TrainingState,
    train: Examples,
    validation: Examples | None,
    transform: Transform,
    augmentation: Augmentation | None = None,
) -> Iterator[StepRecord | EpochRecord]:
    """Trains until the recipe's epochs are done, from wherever ``state`` stands.

    Leaving the loop at any record and going on later, from ``state`` or from a copy
    of its ``state_dict``, gives the same weights as never leaving it.

    Args:
        state: moved forward in place.
        train: what the weights are fitted to.
        validation: what the best epoch is chosen by; the last one if None.
        transform: from pictures (uint8, or float in 0 ... 255) to the network's input.
        augmentation: of a batch of pictures, before ``transform``.

    Raises:
        Diverged: the loss became NaN or infinite.
    """
    recipe, position = state.recipe, state.position
    steps_per_epoch, steps = steps_of(recipe, len(train))
    weights = class_weights(recipe, train.labels, train.classes)
    while not _finished(state, steps_per_epoch, steps):
        order = _order(state, len(train)).to(train.images.device)
        done = position.epoch * steps_per_epoch
        last = min(steps_per_epoch, steps - done)
        set_training(state.network)
        lr = learning_rate(recipe, done + max(position.step - 1, 0), steps)
        while position.step < last:
            started = perf_counter()
            lr = learning_rate(recipe, done + position.step, steps)
            size = recipe.batch_size * recipe.accumulate
            chosen = order[position.step * size : (position.step + 1) * size]
            state.group.reseed(state.seed, position.epoch, position.step)
            sized = transform_at(transform, done + position.step, steps)
            train_step(state, train, chosen, lr, sized, augmentation, weights)
            position.step += 1
            position.seen += len(chosen)
            if position.step % CHECK_EVERY == 0 or position.step == last:
                _check(state, lr)
            position.seconds += perf_counter() - started
            yield StepRecord(position.epoch + 1, position.step, last, lr)
        yield _end_of_epoch(state, validation, transform, lr)


def _finished(state: TrainingState, steps_per_epoch: int, steps: int) -> bool:
    position, patience = state.position, state.recipe.early_stopping
    if patience and position.step == 0:
        if position.epoch - 1 - position.best_epoch >= patience:
            return True
    return position.epoch * steps_per_epoch >= steps


def _order(state: TrainingState, count: int) -> Tensor:
    """The epoch's order of pictures; leaves the generator where the epoch stands."""
    position = state.position
    resumed = state.order.get_state() if position.step else None
    state.order.manual_seed(state.seed * 1_000_003 + position.epoch)
    order = torch.randperm(count, generator=state.order, device=state.order.device)
    if resumed is None:
        state.sums.zero_()
    else:
        state.order.set_state(resumed)
    return order[: _usable(state.recipe, count)]


def _check(state: TrainingState, lr: float) -> None:
    loss, _ = state.running
    if not isfinite(loss):
        raise Diverged(
            f"the loss became {loss} in epoch {state.position.epoch + 1}, step "
            f"{state.position.step}, at a learning rate of {lr:.3g}: lower it "
            f"(--lr {lr / 10:.2g}), or try --clip 1 or --warmup .1"
        )


def _end_of_epoch(
    state: TrainingState, validation: Examples | None, transform: Transform, lr: float
) -> EpochRecord:
    position = state.position
    train_loss, train_accuracy = state.running
    loss = accuracy = None
    better = True
    if validation is not None:
        state.group.align(state.chosen)
        answers = logits_of(
            state.chosen,
            validation.images,
            transform,
            group=state.group,
            execution=state.gradients.execution,
        )
        loss = float(validation.task.loss(answers, validation))
        accuracy = float(validation.task.score(answers, validation).double().mean())
        loss, accuracy = state.group.shared((loss, accuracy))
        better = (accuracy, -loss) > (position.best_accuracy, -position.best_loss)
        if better:
            position.best_accuracy, position.best_loss = accuracy, loss
    if better:
        position.best_epoch = position.epoch
    record = EpochRecord(
        epoch=position.epoch + 1,
        train_loss=train_loss,
        train_accuracy=train_accuracy,
        validation_loss=loss,
        validation_accuracy=accuracy,
        lr=lr,
        seconds=position.seconds,
        images_per_second=position.seen / position.seconds,
        best=better or state.recipe.keep == "last",
    )
    position.next_epoch()
    return record
