"""Finding a recipe by search, on the validation split alone.

The first try is the recipe that it begins with, so that none is found which is worse on
the same pictures. The next are drawn at random, then where the better ones lay (the
tree-structured Parzen estimator of Bergstra et al. 2011), with successive halving (Li
et al. 2020, arXiv:1810.05934): a recipe that is not among the best third after a short
training, or after its first seed, gets no more, unless that was too short to tell.
Every finished training is in the journal at once.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from signal import Signals
from statistics import mean, stdev
from time import monotonic
from typing import TYPE_CHECKING

import torch

from convatlas.errors import Diverged, InputSizeError, UsageError
from convatlas.preparation import prepare
from convatlas.progress import Progress, silent
from convatlas.recipe import Recipe
from convatlas.training.interruption import StopRequest, noticing_stops
from convatlas.training.loop import fit
from convatlas.training.records import EpochRecord
from convatlas.training.state import TrainingState
from convatlas.verbs.decided import decided
from convatlas.verbs.search_journal import KEPT, Search, Tried, opened, read
from convatlas.verbs.search_space import checked, drawn

if TYPE_CHECKING:
    from optuna import Study, Trial

# Four times the time for half the errors: what a short training lacks is estimated so.
TIME_FOR_ERRORS = 2
# Steps of a training that can be judged by. After fewer, averages of weights and of
# batch norm still show the start: a recipe is not given up for that.
FEWEST_STEPS = 40


@dataclass(frozen=True)
class Confirmed:
    """A recipe on the whole training split: validation accuracy and seconds a seed."""

    recipe: Recipe
    accuracies: tuple[float, ...]
    seconds: tuple[float, ...]

    @property
    def text(self) -> str:
        """Mean and deviation, for the head of a recipe file."""
        several = len(self.accuracies) > 1
        spread = f" ± {100 * stdev(self.accuracies):.2f}" if several else ""
        seconds = float(f"{mean(self.seconds):.3g}")
        return (
            f"{seconds:,g} s of training; validation accuracy "
            f"{100 * mean(self.accuracies):.2f} %{spread} "
            f"(n = {len(self.accuracies)})"
        )


class _Interrupted(BaseException):
    """Leaves a try in the middle; no search library may take it for a result."""


def search_recipe(
    search: Search,
    journal: Path,
    *,
    trials: int | None = None,
    budget: float | None = None,
    progress: Progress = silent,
    watch: Callable[[Tried], None] | None = None,
) -> tuple[tuple[Tried, ...], Signals | None]:
    """Tries recipes until a number or a time is reached, or Ctrl-C.

    Args:
        search: what for.
        journal: JSON lines; a search that it holds already goes on.
        trials: how many more.
        budget: seconds; the last try may exceed it.
        progress: told how far downloads and decoding are.
        watch: called with every try.

    Returns:
        All tries of the journal, best first, and the signal that ended the search
        early, if one did.

    Raises:
        MissingExtra: optuna is not installed.
        UsageError: neither a number nor a time, or the journal is of another search.
    """
    if trials is None and budget is None:
        raise UsageError("a search needs an end: --trials N or --budget SECONDS")
    names = checked(search.vary, search.goal, search.network)
    search = replace(search, vary=names)
    study = opened(search, journal)
    ends_at = None if budget is None else monotonic() + budget
    done = 0
    with noticing_stops() as stop:
        while (trials is None or done < trials) and not stop:
            if ends_at is not None and monotonic() >= ends_at:
                break
            trial = study.ask()
            recipe = drawn(trial, search.base, search.vary)
            trial.set_user_attr("recipe", recipe.model_dump())
            try:
                _try(study, trial, search, recipe, stop, progress)
            except _Interrupted:
                break  # the try stays open in the journal and is taken up next time
            done += 1
            if watch is not None:
                watch(read(study.trials[trial.number]))
    return ranked(study, search), stop.signal


def confirm(
    search: Search, recipe: Recipe, seeds: int, progress: Progress = silent
) -> Confirmed:
    """Trains a recipe on the whole training split with seeds that no try had.

    Args:
        search: its network and data; its part of the pictures does not matter.
        recipe: to train.
        seeds: how many.
        progress: told how far downloads and decoding are.
    """
    whole = replace(search, pictures=None)
    stop = StopRequest()
    found = [
        _trained(whole, recipe, 1000 + seed, stop, progress) for seed in range(seeds)
    ]
    return Confirmed(
        recipe,
        tuple(accuracy for accuracy, _, _ in found),
        tuple(seconds for _, seconds, _ in found),
    )


def ranked(study: "Study", search: Search) -> tuple[Tried, ...]:
    """All tries, those that went furthest first, the best of them first."""

    def rank(tried: Tried) -> tuple[bool, int, float]:
        return tried.finished, len(tried.accuracies), _value(search, tried)

    found = [read(trial) for trial in study.trials if "recipe" in trial.user_attrs]
    return tuple(sorted((t for t in found if t.accuracies), key=rank, reverse=True))


def _value(search: Search, tried: Tried) -> float:
    """What is made as large as possible."""
    if search.target is None:
        return tried.accuracies[-1]
    errors = 1 - mean(tried.accuracies)
    lacking = max(1.0, errors / (1 - search.target)) ** (2 * TIME_FOR_ERRORS)
    return -mean(tried.seconds) * lacking


def _try(
    study: "Study",
    trial: "Trial",
    search: Search,
    recipe: Recipe,
    stop: StopRequest,
    progress: Progress,
) -> None:
    """All stages of one recipe, as far as it is worth it."""
    from optuna.trial import TrialState

    accuracies: list[float] = []
    seconds: list[float] = []
    for stage in range(search.stages):
        shorter = KEPT ** (search.stages - 1 - stage)
        staged = recipe
        if search.goal == "accuracy":
            staged = recipe.changed(epochs=recipe.epochs / shorter)
        try:
            accuracy, spent, steps = _trained(search, staged, stage, stop, progress)
        except (Diverged, InputSizeError):
            study.tell(trial, state=TrialState.FAIL)
            return
        accuracies.append(accuracy)
        seconds.append(spent)
        trial.set_user_attr("accuracies", accuracies)
        trial.set_user_attr("seconds", seconds)
        tried = Tried(
            trial.number, recipe, tuple(accuracies), tuple(seconds), finished=False
        )
        trial.report(_value(search, tried), KEPT**stage)
        more = stage + 1 < search.stages
        if more and steps >= FEWEST_STEPS and trial.should_prune():
            study.tell(trial, state=TrialState.PRUNED)
            return
    study.tell(trial, _value(search, tried))


def _trained(
    search: Search, recipe: Recipe, seed: int, stop: StopRequest, progress: Progress
) -> tuple[float, float, int]:
    """Validation accuracy of the epoch that is kept; seconds and number of steps."""
    prepared = prepare(
        search.network,
        search.data_name,
        recipe=recipe,
        seed=seed,
        device=search.device,
        input_size=search.input_size,
        data_dir=search.data_dir,
        progress=progress,
    )
    train = prepared.train
    if search.pictures is not None and search.pictures < len(train):
        order = torch.randperm(len(train), generator=torch.Generator().manual_seed(0))
        train = train.taken(order[: search.pictures].to(train.labels.device))
    # so few pictures are worth a shorter look at what pays on this machine, too
    prepared = decided(replace(prepared, train=train))
    way = prepared.plan.execution
    state = TrainingState.fresh(
        prepared.network,
        prepared.recipe,
        seed,
        execution=way,
        teachers=prepared.teachers,
    )
    seconds, steps = 0.0, 0
    with way.on_this_machine(prepared.device):
        for record in fit(
            state,
            prepared.train,
            prepared.validation,
            prepared.transform,
            prepared.augmentation,
        ):
            if stop:
                raise _Interrupted
            if isinstance(record, EpochRecord):
                seconds += record.seconds
            else:
                steps += 1
    return state.position.best_accuracy, seconds, steps
