"""Which of two ways of carrying out a training is the faster one, on this machine."""

import copy
from dataclasses import dataclass
from statistics import median
from time import perf_counter

import torch
from torch import nn

from convatlas.recipe import Recipe
from convatlas.training.examples import Augmentation, Examples
from convatlas.training.freezing import set_training
from convatlas.training.inference import Transform
from convatlas.training.random_state import same_random_state
from convatlas.training.speed.execution import Execution
from convatlas.training.state import TrainingState
from convatlas.training.step import train_step

FEWEST, MOST = 3, 9  # timed rounds
CLEAR = 1.3  # times as fast in every round: no more rounds are needed
LONG = 1.0  # seconds of a round in which chance evens out: a clear one is enough


@dataclass(frozen=True)
class Gain:
    """How many times as fast the second way is: by the medians, and by the fastest
    steps, which a busy neighbour touches least."""

    of_medians: float
    of_fastest: float

    @property
    def sure(self) -> float:
        """The one nearer to 1; 1 where they disagree about who is faster."""
        low, high = sorted((self.of_medians, self.of_fastest))
        return low if low > 1 else min(high, 1.0)


class Probe:
    """Steps of copies of a network, in turn; itself and torch's random state stay.

    Args:
        network: on the device it will be trained on.
        recipe: its batches and optimizer.
        train: pictures to step on.
        transform: for ``train_step``.
        augmentation: for ``train_step``.
    """

    def __init__(
        self,
        network: nn.Module,
        recipe: Recipe,
        train: Examples,
        transform: Transform,
        augmentation: Augmentation | None = None,
    ) -> None:
        self._network = network
        self._recipe = recipe.changed(ema=0.0)  # a copy less, the same step
        self._train = train
        self._transform = transform
        self._augmentation = augmentation
        self._device = next(network.parameters()).device
        self._states: dict[tuple[bool, Execution | None], TrainingState] = {}
        size = min(recipe.batch_size * recipe.accumulate, len(train))
        self._chosen = torch.arange(size, device=train.images.device)

    def seconds(self, execution: Execution) -> float:
        """Of one step."""
        with same_random_state(self._device):
            state = self._state(execution)
        with execution.on_this_machine(self._device), same_random_state(self._device):
            state.gradients.execution = execution
            started = perf_counter()
            train_step(
                state,
                self._train,
                self._chosen,
                1e-6,
                self._transform,
                self._augmentation,
            )
            float(state.sums[0])  # waits for a GPU
            return perf_counter() - started

    def gain(self, usual: Execution, other: Execution, budget: float) -> Gain | None:
        """What ``other`` gains over ``usual``.

        Args:
            usual: one way, which has made a step before.
            other: the other way.
            budget: seconds that may be spent.

        Returns:
            None where they do not suffice for three rounds, or for a clear one if it
            is long.
        """
        deadline = perf_counter() + budget
        first = self.seconds(other)
        each = self.seconds(usual) + first
        fewest = 1 if each > LONG else FEWEST
        if first > budget / 2 or perf_counter() + fewest * each > deadline:
            return None
        pairs: list[tuple[float, float]] = []
        while len(pairs) < MOST and not _clear(pairs):
            if len(pairs) >= fewest and perf_counter() + each > deadline:
                break
            pairs.append((self.seconds(usual), self.seconds(other)))
        if len(pairs) < FEWEST and not _all_clear(pairs):
            return None
        before, after = zip(*pairs, strict=True)
        return Gain(median(before) / median(after), min(before) / min(after))

    def _state(self, execution: Execution) -> TrainingState:
        # what only the call differs in shares one copy
        key = execution.channels_last, execution if execution.compiled else None
        if key not in self._states:
            state = TrainingState.fresh(
                copy.deepcopy(self._network), self._recipe, 0, execution=execution
            )
            set_training(state.network)
            self._states[key] = state
        return self._states[key]


def _clear(pairs: list[tuple[float, float]]) -> bool:
    return len(pairs) >= FEWEST and _all_clear(pairs)


def _all_clear(pairs: list[tuple[float, float]]) -> bool:
    ratios = [before / after for before, after in pairs]
    return min(ratios) > CLEAR or max(ratios) < 1 / CLEAR
