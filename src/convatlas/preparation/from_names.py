"""From names to everything a training needs."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from convatlas import data, machine, recipes, street_views
from convatlas.data.catalogue import judged_by
from convatlas.data.dataset import Dataset
from convatlas.data.preprocess import Fit, Preprocess
from convatlas.errors import RunError, UsageError
from convatlas.networks import Variant, build, find
from convatlas.networks.init import initialise
from convatlas.networks.registry import IMAGENET_MEAN, IMAGENET_STD
from convatlas.number_tasks import task_for
from convatlas.preparation.prepared import Prepared, assembled
from convatlas.progress import Progress, silent
from convatlas.recipe import Recipe
from convatlas.recipes.small_data import fitted
from convatlas.runs import Run
from convatlas.spec import ImageSpec
from convatlas.training.tasks import CLASSES

# values that replace those of a recipe: where they come from, then the values by name;
# later ones win
Changes = Sequence[tuple[str, Mapping[str, Any]]]

PAD_AT_MOST = 8  # pixels a side; a larger difference is resized


def prepare(
    network: str,
    data_name: str,
    *,
    recipe: Recipe | str | None = None,
    changes: Changes = (),
    seed: int = 0,
    device: str = "auto",
    input_size: tuple[int, int] | None = None,
    data_dir: Path | None = None,
    skip_bad: bool = False,
    progress: Progress = silent,
) -> Prepared:
    """For a training from the beginning; the arguments are those of ``train``."""
    variant = find(network)
    chosen = machine.choose_device(device)
    # before the data, so that a bad value is known at once
    name, base = _base_recipe(recipe, network, data_name)
    values = _changed(base, changes)
    dataset = data.load(
        data_name, folder=data_dir, skip_bad=skip_bad, progress=progress
    )
    if name == recipes.GENERAL:
        values = _changed(fitted(base, len(dataset.train)), changes)
    if values.flip and not dataset.may_flip:
        raise UsageError(
            f"flip = true: {data_name} does not allow it, since a mirrored picture no "
            "longer belongs to its class"
        )
    size = input_size or variant.input[1:]
    if dataset.labels.digits and input_size is None:
        size = street_views.input_size(values, size)
    task = task_for(variant, dataset)
    arguments = {
        "name": network,
        "classes": dataset.labels.classes if task is CLASSES else variant.classes,
        "in_channels": dataset.spec.channels,
        "input_size": list(size),
    }
    module = _fresh(arguments, values, seed, progress)
    shape = (dataset.spec.channels, *size)
    spec = _normalised(dataset.spec, variant, values)
    preprocess = Preprocess.of(spec, shape, _fit_rule(dataset, size))
    return assembled(arguments, module, name, values, dataset, preprocess, chosen)


def prepare_again(
    run: Run,
    *,
    device: str = "auto",
    data_dir: Path | None = None,
    skip_bad: bool = False,
    progress: Progress = silent,
) -> Prepared:
    """For going on with a run.

    Raises:
        RunError: the data set is not the one that the run was started with.
    """
    info = run.info
    chosen = machine.choose_device(device)
    dataset = data.load(
        info.data["name"],
        folder=data_dir,
        shape=info.images.shape,
        skip_bad=skip_bad,
        progress=progress,
    )
    if dataset.sha256 != info.data["sha256"]:
        raise RunError(
            f"{run.path}: the data set {info.data['name']} is not the one that the run "
            "was started with (its sha256 changed); train anew"
        )
    module = _fresh(info.network, info.recipe, info.seed, progress)
    return assembled(
        info.network,
        module,
        f"that of {run.path}",
        info.recipe,
        dataset,
        run.preprocess(),
        chosen,
    )


def _fresh(
    arguments: dict[str, Any], recipe: Recipe, seed: int, progress: Progress
) -> nn.Module:
    """A network whose weights depend on the seed alone; seeds torch globally."""
    torch.manual_seed(seed)
    height, width = arguments["input_size"]
    module = build(
        arguments["name"],
        classes=arguments["classes"],
        in_channels=arguments["in_channels"],
        input_size=(height, width),
        weights=recipe.weights or None,
        progress=progress,
    )
    if recipe.init != "paper":
        initialise(module, recipe.init)
    return module


def _base_recipe(
    recipe: Recipe | str | None, network: str, data_name: str
) -> tuple[str, Recipe]:
    if isinstance(recipe, Recipe):
        return "given", recipe
    if recipe is not None:
        return recipe, recipes.load(recipe)
    return recipes.default(network, judged_by(data_name))


def _changed(recipe: Recipe, changes: Changes) -> Recipe:
    for source, values in changes:
        recipe = recipe.changed(source=source, **values)
    return recipe


def _normalised(spec: ImageSpec, variant: Variant, recipe: Recipe) -> ImageSpec:
    """Published weights want the mean and deviation that they were trained with.

    The tutorials take ImageNet's for house numbers, whatever the weights.
    """
    published = variant.published.get(recipe.weights)
    if recipe.view == "tutorial" and spec.channels == 3:
        return replace(spec, mean=IMAGENET_MEAN, std=IMAGENET_STD)
    if published is None:
        return spec
    mean, std = published.mean, published.std
    if spec.channels == 1:  # the first layer's filters are summed over the channels
        mean, std = (sum(mean) / len(mean),), (sum(std) / len(std),)
    return replace(spec, mean=mean, std=std)


def _fit_rule(dataset: Dataset, size: tuple[int, int]) -> Fit:
    more = (size[0] - dataset.spec.height, size[1] - dataset.spec.width)
    return "pad" if all(0 <= m <= PAD_AT_MOST for m in more) else "resize"
