"""From names to everything a training needs: the rooms of rank 1 meet here."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from pathlib import Path
from typing import Any

import torch
from torch import nn

from convatlas import data, machine, recipes, street_views
from convatlas.data.augment import Augment
from convatlas.data.dataset import Dataset, Split
from convatlas.data.preprocess import Fit, Preprocess
from convatlas.errors import RunError, UsageError
from convatlas.networks import Variant, build, find
from convatlas.networks.init import initialise
from convatlas.networks.registry import IMAGENET_MEAN, IMAGENET_STD
from convatlas.number_tasks import task_for
from convatlas.progress import Progress, silent
from convatlas.recipe import Recipe
from convatlas.recipes.small_data import fitted
from convatlas.runs import Run
from convatlas.spec import ImageSpec
from convatlas.training.examples import Augmentation, Examples, of_images
from convatlas.training.inference import Transform
from convatlas.training.progressive import growing
from convatlas.training.speed.plan import Plan
from convatlas.training.streaming import Place, placed
from convatlas.training.tasks import CLASSES

# values that replace those of a recipe: where they come from, then the values by name;
# later ones win
Changes = Sequence[tuple[str, Mapping[str, Any]]]

PREPARED_BYTES = 2**31  # pictures are prepared once if they stay below this
PAD_AT_MOST = 8  # pixels a side; a larger difference is resized


@dataclass(frozen=True)
class Prepared:
    """A network, its data and how they meet.

    Attributes:
        arguments: of ``networks.build``, as ``run.json`` keeps them.
        network: freshly initialised, on the device.
        recipe_name: where the recipe comes from.
        recipe: resolved.
        dataset: as loaded.
        preprocess: from the data set's pictures to the network's input.
        train: for ``fit``, on the device.
        validation: likewise.
        transform: for ``fit``.
        augmentation: for ``fit``; None where the recipe has none.
        device: that all of it lives on.
        plan: how it is carried out; ``verbs.decided`` makes it.
        notes: what was found out about this machine on the way.
    """

    arguments: dict[str, Any]
    network: nn.Module
    recipe_name: str
    recipe: Recipe
    dataset: Dataset
    preprocess: Preprocess
    train: Examples
    validation: Examples
    transform: Transform
    augmentation: Augmentation | None
    device: torch.device
    plan: Plan = Plan()
    notes: tuple[str, ...] = ()


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
    module = fresh_network(arguments, values, seed, progress)
    shape = (dataset.spec.channels, *size)
    spec = _normalised(dataset.spec, variant, values)
    preprocess = Preprocess.of(spec, shape, _fit_rule(dataset, size))
    return _assembled(arguments, module, name, values, dataset, preprocess, chosen)


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
    module = fresh_network(info.network, info.recipe, info.seed, progress)
    return _assembled(
        info.network,
        module,
        f"that of {run.path}",
        info.recipe,
        dataset,
        run.preprocess(),
        chosen,
    )


def fresh_network(
    arguments: dict[str, Any],
    recipe: Recipe,
    seed: int,
    progress: Progress = silent,
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


def _assembled(
    arguments: dict[str, Any],
    module: nn.Module,
    recipe_name: str,
    recipe: Recipe,
    dataset: Dataset,
    preprocess: Preprocess,
    device: torch.device,
) -> Prepared:
    on_host, preprocess = copy.deepcopy(preprocess), preprocess.to(device)
    if dataset.labels.digits:
        return _street(
            arguments, module, recipe_name, recipe, dataset, preprocess, device
        )
    augment = Augment.from_recipe(recipe)
    count = len(dataset.train) + len(dataset.validation)
    fits = count * prod(preprocess.target) <= PREPARED_BYTES
    resizes = recipe.first_size < 1 and preprocess.source != preprocess.target
    once = fits and not augment.active and not resizes
    first = on_host if once else None
    classes = dataset.labels.classes
    module = module.to(device)
    full = preprocess.normalise if once else preprocess
    return Prepared(
        arguments=arguments,
        network=module,
        recipe_name=recipe_name,
        recipe=recipe,
        dataset=dataset,
        preprocess=preprocess,
        train=_examples(dataset.train, classes, device, recipe.data_on, first),
        validation=_examples(
            dataset.validation, classes, device, recipe.data_on, first
        ),
        transform=growing(recipe, module, preprocess.target, full, preprocess.resized),
        augmentation=of_images(augment) if augment.active else None,
        device=device,
    )


def _street(
    arguments: dict[str, Any],
    module: nn.Module,
    recipe_name: str,
    recipe: Recipe,
    dataset: Dataset,
    preprocess: Preprocess,
    device: torch.device,
) -> Prepared:
    """For pictures of numbers: every batch is a view of whole pictures."""
    variant = find(arguments["name"])
    task = task_for(variant, dataset)
    classes, size = dataset.labels.classes, preprocess.target[1:]
    finds = variant.answers == "box"
    for split in (dataset.train, dataset.validation):
        street_views.check_view(recipe, split, dataset.name, finds=finds)
    where = recipe.data_on
    held_out = street_views.examples(dataset.validation, classes, task, device, where)
    return Prepared(
        arguments=arguments,
        network=module.to(device),
        recipe_name=recipe_name,
        recipe=recipe,
        dataset=dataset,
        preprocess=preprocess,
        train=street_views.examples(dataset.train, classes, task, device, where),
        validation=street_views.seen(held_out, recipe, size),
        transform=preprocess.normalise,
        augmentation=street_views.augmentation(recipe, size),
        device=device,
    )


def _examples(
    split: Split,
    classes: int,
    device: torch.device,
    where: Place,
    preprocess: Preprocess | None,
) -> Examples:
    images = split.images
    if preprocess is not None and preprocess.source != preprocess.target:
        parts = torch.split(images, 4096)
        images = torch.cat([preprocess.prepare(part) for part in parts])
    return placed(Examples(images, split.labels, classes), device, where)


def _base_recipe(
    recipe: Recipe | str | None, network: str, data_name: str
) -> tuple[str, Recipe]:
    if isinstance(recipe, Recipe):
        return "given", recipe
    if recipe is not None:
        return recipe, recipes.load(recipe)
    return recipes.default(network, data_name)


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
