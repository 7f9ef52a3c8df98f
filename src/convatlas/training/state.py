"""All that a training is made of at one moment, and its form in a checkpoint."""

from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from convatlas.recipe import Recipe
from convatlas.training.averaging import averaged
from convatlas.training.freezing import freeze_features
from convatlas.training.gradients import Gradients, gradients_of
from convatlas.training.group import ALONE, Group, Runner
from convatlas.training.optimizers import build_optimizer
from convatlas.training.random_state import (
    device_random_state,
    set_device_random_state,
)
from convatlas.training.speed.execution import Execution
from convatlas.training.teachers import Teachers


@dataclass
class Position:
    """Where a training stands. Epochs and steps are counted from 0.

    ``seen`` counts the pictures of this epoch so far; ``seconds`` is the time spent
    on the steps of this epoch, over all sessions.
    """

    epoch: int = 0
    step: int = 0
    seen: int = 0
    seconds: float = 0.0
    best_accuracy: float = -1.0
    best_loss: float = float("inf")
    best_epoch: int = -1

    def next_epoch(self) -> None:
        """Moves to the beginning of the next epoch."""
        self.epoch += 1
        self.step = self.seen = 0
        self.seconds = 0.0


@dataclass
class TrainingState:
    """A network in training; ``fit`` moves it forward in place.

    Attributes:
        network: the one whose gradients are computed.
        recipe: how.
        seed: of the order of the pictures and of the augmentation.
        optimizer: over the network's parameters.
        average: the moving average of the network, where the recipe asks for one.
        order: the generator of the current epoch, drawn from first for the order of
            the pictures, then for the augmentation.
        sums: of the losses and of the hits over the pictures of this epoch so far,
            float64 on the network's device, so that no step has to wait for them.
        runner: calls the network in a training step.
        gradients: computes them in a training step.
        teachers: whose answers are learned from too; never changed.
        group: the processes that train together; all of them hold the same values.
        position: how far it is.
    """

    network: nn.Module
    recipe: Recipe
    seed: int
    optimizer: torch.optim.Optimizer
    average: AveragedModel | None
    order: torch.Generator
    sums: Tensor
    runner: Runner
    gradients: Gradients
    teachers: Teachers | None = None
    group: Group = ALONE
    position: Position = field(default_factory=Position)

    @classmethod
    def fresh(
        cls,
        network: nn.Module,
        recipe: Recipe,
        seed: int,
        group: Group = ALONE,
        execution: Execution | None = None,
        teachers: Teachers | None = None,
    ) -> "TrainingState":
        """The state before the first step.

        Args:
            network: becomes part of the state.
            recipe: how to train.
            seed: see the class.
            group: likewise.
            execution: how steps are carried out; None goes by the recipe alone.
            teachers: see the class.
        """
        execution = execution or Execution.of(recipe)
        device = next(network.parameters()).device
        if recipe.freeze == "features":
            freeze_features(network)
        if recipe.sync_batch_norm:
            group.synchronised(network)
        network.to(memory_format=execution.memory_format)
        runner = group.runner(network)
        return cls(
            network=network,
            recipe=recipe,
            seed=seed,
            optimizer=build_optimizer(network, recipe),
            average=averaged(network, recipe.ema) if recipe.ema else None,
            order=torch.Generator(device),
            # MPS has no float64
            sums=torch.zeros(
                2,
                dtype=torch.float32 if device.type == "mps" else torch.float64,
                device=device,
            ),
            runner=runner,
            gradients=gradients_of(runner, recipe, execution),
            teachers=teachers,
            group=group,
        )

    @property
    def chosen(self) -> nn.Module:
        """The network to evaluate and keep: the average where there is one."""
        return self.network if self.average is None else self.average.module

    @property
    def running(self) -> tuple[float, float]:
        """Mean loss and accuracy over the pictures of this epoch so far."""
        loss, hits = (self.sums / max(self.position.seen, 1)).tolist()
        return loss, hits

    def state_dict(self) -> dict[str, Any]:
        """Tensors and plain values only, so that it loads with ``weights_only``."""
        device = self.order.device
        return {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "average": None if self.average is None else self.average.state_dict(),
            "order": self.order.get_state(),
            "random": torch.get_rng_state(),
            "random_device": device_random_state(device),
            "sums": self.sums.clone(),
            "position": vars(self.position).copy(),
        }

    def load_state_dict(self, saved: dict[str, Any]) -> None:
        """Puts this state, and torch's random generators, where ``saved`` was."""
        self.network.load_state_dict(saved["network"])
        self.optimizer.load_state_dict(saved["optimizer"])
        if self.average is not None:
            self.average.load_state_dict(saved["average"])
        self.order.set_state(saved["order"].cpu())
        torch.set_rng_state(saved["random"].cpu())
        if saved["random_device"] is not None:
            set_device_random_state(self.order.device, saved["random_device"])
        self.sums.copy_(saved["sums"])
        self.position = Position(**saved["position"])
