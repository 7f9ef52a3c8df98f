"""Finding a learning rate for a network, a data set and a recipe."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch

from convatlas.plots.figure import save
from convatlas.plots.lr_range import draw_lr_range
from convatlas.preparation import Changes, prepare
from convatlas.progress import Progress, silent
from convatlas.recipe import Recipe
from convatlas.training.lr_range import RangePoint, lr_range_test, suggested_lr
from convatlas.verbs.decided import decided


@dataclass(frozen=True)
class FoundRate:
    """The course of the loss, the rate it suggests (None if it never fell), the
    picture if one was asked for."""

    points: tuple[RangePoint, ...]
    suggestion: float | None
    picture: Path | None


def find_lr(
    network: str = "lenet5-tanh",
    data_name: str = "digits-5k",
    *,
    recipe: Recipe | str | None = None,
    changes: Changes = (),
    seed: int = 0,
    device: str = "auto",
    input_size: tuple[int, int] | None = None,
    lowest: float = 1e-5,
    highest: float = 10.0,
    steps: int = 200,
    picture: Path | None = None,
    data_dir: Path | None = None,
    skip_bad: bool = False,
    progress: Progress = silent,
    watch: Callable[[RangePoint], None] | None = None,
) -> FoundRate:
    """Raises the rate step by step until the loss explodes; see ``training.lr_range``.

    Args:
        network, data_name, recipe, changes, seed, device, input_size, data_dir,
            skip_bad, progress: see ``train``.
        lowest: first rate.
        highest: last rate, if the loss lives that long.
        steps: between them.
        picture: where to draw the loss over the rate.
        watch: called with every point.
    """
    before = prepare(
        network,
        data_name,
        recipe=recipe,
        changes=changes,
        seed=seed,
        device=device,
        input_size=input_size,
        data_dir=data_dir,
        skip_bad=skip_bad,
        progress=progress,
    )
    prepared = decided(before, steps=steps)
    torch.manual_seed(seed)
    points = []
    way = prepared.plan.execution
    with way.on_this_machine(prepared.device):
        for point in lr_range_test(
            prepared.network,
            prepared.recipe,
            prepared.train,
            prepared.transform,
            prepared.augmentation,
            lowest=lowest,
            highest=highest,
            steps=steps,
            seed=seed,
            execution=way,
        ):
            points.append(point)
            if watch:
                watch(point)
    suggestion = suggested_lr(points)
    if picture is not None and points:
        title = f"{network} on {data_name}, {prepared.recipe.optimizer}"
        save(draw_lr_range(points, suggestion, title), picture)
    return FoundRate(tuple(points), suggestion, picture if points else None)
