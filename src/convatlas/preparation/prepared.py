"""A network and pictures that fit each other, as a training takes them."""

import copy
from dataclasses import dataclass
from math import prod
from typing import Any

import torch
from torch import nn

from convatlas import street_views
from convatlas.data.augment import Augment
from convatlas.data.dataset import Dataset, Split
from convatlas.data.preprocess import Preprocess
from convatlas.networks import find
from convatlas.number_tasks import task_for
from convatlas.preparation.teachers import teachers_of
from convatlas.recipe import Recipe
from convatlas.training.examples import Augmentation, Examples, of_images
from convatlas.training.inference import Transform
from convatlas.training.progressive import growing
from convatlas.training.speed.plan import Plan
from convatlas.training.streaming import Place, placed
from convatlas.training.teachers import Teachers

PREPARED_BYTES = 2**31  # pictures are prepared once if they stay below this


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
        teachers: for ``fit``; None where the recipe has none.
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
    teachers: Teachers | None = None
    plan: Plan = Plan()
    notes: tuple[str, ...] = ()


def assembled(
    arguments: dict[str, Any],
    module: nn.Module,
    recipe_name: str,
    recipe: Recipe,
    dataset: Dataset,
    preprocess: Preprocess,
    device: torch.device,
) -> Prepared:
    """Everything on the device; for the arguments see ``Prepared``."""
    # pictures that are prepared once are prepared where they lie
    on_host, here = copy.deepcopy(preprocess), preprocess.to(device)
    # before pictures are prepared, so that a bad one is known at once
    teachers = teachers_of(recipe, arguments["name"], on_host, device)
    module = module.to(device)
    if dataset.labels.digits:
        fed = _numbers(arguments["name"], recipe, dataset, here, device)
    else:
        fed = _classes(module, recipe, dataset, on_host, here, device)
    return Prepared(
        arguments=arguments,
        network=module,
        recipe_name=recipe_name,
        recipe=recipe,
        dataset=dataset,
        preprocess=here,
        train=fed.train,
        validation=fed.validation,
        transform=fed.transform,
        augmentation=fed.augmentation,
        device=device,
        teachers=teachers,
    )


@dataclass(frozen=True)
class _Fed:
    """What ``fit`` takes beside a network."""

    train: Examples
    validation: Examples
    transform: Transform
    augmentation: Augmentation | None


def _classes(
    module: nn.Module,
    recipe: Recipe,
    dataset: Dataset,
    on_host: Preprocess,
    preprocess: Preprocess,
    device: torch.device,
) -> _Fed:
    augment = Augment.from_recipe(recipe)
    count = len(dataset.train) + len(dataset.validation)
    fits = count * prod(preprocess.target) <= PREPARED_BYTES
    resizes = recipe.first_size < 1 and preprocess.source != preprocess.target
    once = fits and not augment.active and not resizes
    first = on_host if once else None
    classes, where = dataset.labels.classes, recipe.data_on
    full = preprocess.normalise if once else preprocess
    return _Fed(
        train=_examples(dataset.train, classes, device, where, first),
        validation=_examples(dataset.validation, classes, device, where, first),
        transform=growing(recipe, module, preprocess.target, full, preprocess.resized),
        augmentation=of_images(augment) if augment.active else None,
    )


def _numbers(
    network: str,
    recipe: Recipe,
    dataset: Dataset,
    preprocess: Preprocess,
    device: torch.device,
) -> _Fed:
    """Every batch is a view of whole pictures."""
    variant = find(network)
    task = task_for(variant, dataset)
    classes, size = dataset.labels.classes, preprocess.target[1:]
    finds = variant.answers == "box"
    for split in (dataset.train, dataset.validation):
        street_views.check_view(recipe, split, dataset.name, finds=finds)
    where = recipe.data_on
    held_out = street_views.examples(dataset.validation, classes, task, device, where)
    return _Fed(
        train=street_views.examples(dataset.train, classes, task, device, where),
        validation=street_views.seen(held_out, recipe, size),
        transform=preprocess.normalise,
        augmentation=street_views.augmentation(recipe, size),
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
