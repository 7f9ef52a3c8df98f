"""What a network sees of a street picture: the whole, the number, or something between.

The recipe's ``view`` says which; training pictures are changed at random on the way,
those for judging are not.
"""

from dataclasses import replace

import torch
from torch import Tensor

from convatlas.data.dataset import Split
from convatlas.data.street import FINDING, READING, StreetCrops, crop, whole
from convatlas.errors import UsageError
from convatlas.recipe import Recipe
from convatlas.training.examples import Augmentation, Examples
from convatlas.training.tasks import Task

Size = tuple[int, int]
BITE = 256  # pictures that are viewed at a time
WHOLE = StreetCrops(margin=(0.0, 0.45), wider=1.0, whole=0.75)
_RANDOM = {"whole": WHOLE, "number": READING, "find": FINDING}


def examples(split: Split, classes: int, task: Task, device: torch.device) -> Examples:
    """The whole pictures of a split as they were decoded, with their boxes."""
    return Examples(
        split.images.to(device),
        split.labels.to(device),
        classes,
        task,
        None if split.boxes is None else split.boxes.to(device),
        None if split.sizes is None else split.sizes.to(device),
    )


def seen(batch: Examples, recipe: Recipe, size: Size) -> Examples:
    """What is judged: nothing is left to chance.

    Args:
        batch: whole pictures, uint8.
        recipe: its view; ``number`` cuts out the true box with the recipe's margin.
        size: height and width to bring the pictures to.

    Returns:
        Pictures of that size, uint8, and boxes as shares of them.
    """
    parts = [
        _seen(batch.taken(slice(start, start + BITE)), recipe, size)
        for start in range(0, len(batch), BITE)
    ]
    images = torch.cat([images for images, _ in parts])
    boxes = torch.cat([boxes for _, boxes in parts])
    return replace(batch, images=images, boxes=boxes)


def _seen(batch: Examples, recipe: Recipe, size: Size) -> tuple[Tensor, Tensor]:
    boxes = _boxes(batch)
    if recipe.view == "number":
        views = crop(batch.images, boxes, size, recipe.margin)
    else:
        views = whole(batch.images, boxes, size)
    return views.images.round().to(torch.uint8), views.digits


def augmentation(recipe: Recipe, size: Size) -> Augmentation:
    """Random views of whole pictures, or the pictures as they are.

    The recipe's ``rotation`` and ``shear`` are their largest turn and slant; ``light``
    is the share of the usual changes of colour, contrast, sharpness and noise.
    """
    light, usual = recipe.light, _RANDOM[recipe.view]
    ranges = {name: getattr(usual, name) * light for name in LIGHT}
    crops = replace(usual, rotation=recipe.rotation, slant=recipe.shear, **ranges)
    still = recipe.view == "whole" and not (light or recipe.rotation or recipe.shear)

    def view(batch: Examples, generator: torch.Generator) -> Examples:
        boxes = _boxes(batch)
        if still:
            views = whole(batch.images, boxes, size)
        else:
            views = crops(batch.images, boxes, _sizes(batch), generator, size)
        return replace(batch, images=views.images, boxes=views.digits)

    return view


LIGHT = (
    *("brightness", "contrast", "saturation", "tint"),
    *("inverted", "blur", "coarse", "grain"),
)


def check_view(recipe: Recipe, split: Split, name: str) -> None:
    """Refuses views that need boxes where a data set has none.

    Raises:
        UsageError: it has none.
    """
    if recipe.view != "whole" and split.boxes is None:
        raise UsageError(
            f"view = {recipe.view!r}: {name} does not say where its digits are; only "
            "--view whole can be used"
        )


def _boxes(batch: Examples) -> Tensor:
    if batch.boxes is not None:
        return batch.boxes
    nowhere = torch.nan
    return torch.full((len(batch), 1, 4), nowhere, device=batch.images.device)


def _sizes(batch: Examples) -> Tensor:
    if batch.sizes is not None:
        return batch.sizes
    shape = torch.tensor(batch.images.shape[2:], device=batch.images.device)
    return shape.expand(len(batch), 2)
