"""One process of a measured training, or the only one."""

import argparse
import json
import os
from dataclasses import asdict, dataclass
from statistics import median
from time import perf_counter

from convatlas.cli import SPINS

os.environ.setdefault(*SPINS)  # as the command does, before torch is imported

import torch
import torch.distributed as dist

from convatlas.networks import build, find
from convatlas.recipe import Recipe
from convatlas.training.examples import Examples
from convatlas.training.freezing import set_training
from convatlas.training.group import Group
from convatlas.training.joining import joined
from convatlas.training.speed.usual import usual
from convatlas.training.state import TrainingState
from convatlas.training.step import train_step

# network: pictures in the batch of all processes together
NETWORKS = {"lenet5-tanh": 256, "resnet-mini": 256, "resnet18-gray": 32}
WARM_STEPS = 3
LARGE_BYTES = 32 * 2**20
CPU = torch.device("cpu")


@dataclass(frozen=True)
class Speed:
    """Of one network.

    Attributes:
        whole: seconds of a step with the batch of all processes together.
        half: seconds of a step with half of it, where one process is alone.
    """

    whole: float
    half: float | None


def measured(name: str, group: Group, seconds: float) -> Speed:
    """Medians over about as many seconds."""
    batch = NETWORKS[name]
    whole = step_seconds(name, batch, group, seconds)
    half = None if group.size > 1 else step_seconds(name, batch // 2, group, seconds)
    return Speed(whole, half)


def step_seconds(name: str, batch: int, group: Group, seconds: float) -> float:
    """Median of the steps that fit into the time."""
    recipe = Recipe(batch_size=batch, optimizer="sgd", lr=1e-3)
    torch.manual_seed(0)
    shape = find(name).input
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(
        0, 256, (batch, *shape), generator=generator, dtype=torch.uint8
    )
    train = Examples(images, torch.arange(batch) % 10, 10)
    way = usual(recipe, CPU)
    state = TrainingState.fresh(build(name), recipe, 0, group, way)
    set_training(state.network)
    times: list[float] = []
    with way.on_this_machine(CPU):
        for step in range(10**6):
            started = perf_counter()
            chosen = torch.randperm(batch, generator=generator)
            train_step(state, train, chosen, 1e-3, lambda x: x.float() / 255, None)
            full = sum(times[WARM_STEPS:]) > seconds and step > WARM_STEPS + 2
            enough = group.highest(int(full))  # every training asks once a step
            times.append(perf_counter() - started)
            if enough:
                break
    return median(times[WARM_STEPS:])


def all_reduces() -> dict[str, float]:
    """Seconds of a tiny sum over all processes and of a large one, medians."""
    found = {}
    for name, size, times in (("tiny", 16, 200), ("large", LARGE_BYTES, 12)):
        values = torch.zeros(size // 4)
        seconds = []
        for _ in range(times):
            started = perf_counter()
            dist.all_reduce(values)
            seconds.append(perf_counter() - started)
        found[name] = median(seconds[2:])
    return found


def main() -> None:
    """Measures every network; the process that leads prints the result as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=1.5, help="of each network")
    seconds = parser.parse_args().seconds
    with joined("cpu") as group:
        speeds = {name: asdict(measured(name, group, seconds)) for name in NETWORKS}
        sums = all_reduces() if group.size > 1 else {}
    if group.leads:
        print(json.dumps({"speeds": speeds, "sums": sums}))


if __name__ == "__main__":
    main()
