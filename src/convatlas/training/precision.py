"""Which arithmetic is the fastest for a training, on this machine."""

import copy
from statistics import median
from time import perf_counter
from typing import Literal

import torch
from torch import nn

from convatlas.recipe import Recipe
from convatlas.training.examples import Augmentation, Examples
from convatlas.training.freezing import set_training
from convatlas.training.inference import Transform
from convatlas.training.state import TrainingState
from convatlas.training.step import train_step

WARM_STEPS = 2
TIMED_STEPS = 7
WORTH_IT = 1.15  # times as fast; below, float32 stays


def bf16_is_native(device: torch.device) -> bool:
    """Whether the device multiplies bf16 itself; a CPU that does not emulates it, 2 to
    12 times slower than float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if device.type != "cpu":
        return False
    if not hasattr(torch.cpu, "get_capabilities"):  # before torch 2.10
        return bool(torch.cpu._is_avx512_bf16_supported())
    capabilities = torch.cpu.get_capabilities()
    return any(value for name, value in capabilities.items() if name.endswith("bf16"))


def bf16_gain(
    network: nn.Module,
    recipe: Recipe,
    train: Examples,
    transform: Transform,
    augmentation: Augmentation | None = None,
) -> float:
    """How many times as fast as in float32 a training step is in bf16.

    Some steps of copies of the network, in turn; medians. Neither the network nor
    torch's random state is changed.

    Args:
        network: on the device of the pictures.
        recipe: its batches and optimizer.
        train: pictures to step on.
        transform: for ``train_step``.
        augmentation: for ``train_step``.
    """
    device = train.images.device
    size = min(recipe.batch_size * recipe.accumulate, len(train))
    chosen = torch.arange(size, device=device)
    kinds: tuple[Literal["float32", "bf16"], ...] = ("float32", "bf16")
    seconds: dict[str, list[float]] = {kind: [] for kind in kinds}
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        states = {
            kind: TrainingState.fresh(
                copy.deepcopy(network), recipe.changed(precision=kind, ema=0.0), seed=0
            )
            for kind in kinds
        }
        for state in states.values():
            set_training(state.network)
        for step in range(WARM_STEPS + TIMED_STEPS):
            for kind, state in states.items():
                started = perf_counter()
                train_step(state, train, chosen, 1e-6, transform, augmentation)
                float(state.sums[0])  # waits for a GPU
                if step >= WARM_STEPS:
                    seconds[kind].append(perf_counter() - started)
    return median(seconds["float32"]) / median(seconds["bf16"])
