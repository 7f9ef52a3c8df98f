"""What a network sees of a street picture: the whole, the number, or something between.

The recipe's ``view`` says which; training pictures are changed at random on the way,
those for judging are not.
"""

from dataclasses import replace

import torch
from torch import Tensor

from convatlas.data.dataset import Split
from convatlas.data.street import (
    FINDING,
    READING,
    StreetCrops,
    Views,
    crop,
    whole,
)
from convatlas.data.tutorial_views import TutorialViews, crop_of, resized
from convatlas.errors import UsageError
from convatlas.recipe import Recipe
from convatlas.spec import NONE
from convatlas.training.examples import Augmentation, Examples
from convatlas.training.streaming import Place, placed
from convatlas.training.tasks import Task

Size = tuple[int, int]
BITE = 256  # pictures that are viewed at a time
WHOLE = StreetCrops(margin=(0.0, 0.45), wider=1.0, whole=0.75)
_RANDOM = {"whole": WHOLE, "number": READING, "find": FINDING}


def examples(
    split: Split,
    classes: int,
    task: Task,
    device: torch.device,
    where: Place = "auto",
) -> Examples:
    """The whole pictures of a split as they were decoded, with their boxes."""
    known = Examples(
        split.images, split.labels, classes, task, split.boxes, split.sizes
    )
    return placed(known, device, where)


def input_size(recipe: Recipe, published: Size) -> Size:
    """Height and width of what a network gets to see, unless another is asked for.

    The tutorials resize to the size that they build their networks for and then crop,
    so their networks never see that size: 60×120 where 64×128 was meant.
    """
    return crop_of(published) if recipe.view == "tutorial" else published


def seen(
    batch: Examples, recipe: Recipe, size: Size, margin: float | None = None
) -> Examples:
    """What is judged: nothing is left to chance.

    Args:
        batch: whole pictures, uint8.
        recipe: its view; ``number`` cuts out the true box, all others show the whole
            picture.
        size: height and width to bring the pictures to.
        margin: a side, share of the number's size, or, of whole pictures, of theirs
            (below zero: so much is left away). The recipe's, and none, when None.

    Returns:
        Pictures of that size, uint8, and boxes as shares of them.
    """
    parts = [
        _seen(batch.taken(slice(start, start + BITE)), recipe, size, margin)
        for start in range(0, len(batch), BITE)
    ]
    images = torch.cat([images for images, _ in parts])
    boxes = torch.cat([boxes for _, boxes in parts])
    return replace(batch, images=images, boxes=boxes)


def shown(recipe: Recipe, margin: float | None = None) -> str:
    """What ``seen`` gives, in words."""
    if recipe.view == "number":
        sides = recipe.margin if margin is None else margin
        return f"true crops, margin {100 * sides:g} %"
    return "whole pictures" + (f", margin {100 * margin:g} %" if margin else "")


def _seen(
    batch: Examples, recipe: Recipe, size: Size, margin: float | None
) -> tuple[Tensor, Tensor]:
    boxes = _boxes(batch)
    if recipe.view == "number":
        sides = recipe.margin if margin is None else margin
        views = crop(batch.images, boxes, size, sides)
    elif margin:
        views = _middle(batch.images, boxes, size, margin)
    elif recipe.view == "tutorial":
        images = resized(batch.images, size)
        return images.round().to(torch.uint8), boxes
    else:
        views = whole(batch.images, boxes, size)
    return views.images.round().to(torch.uint8), views.digits


def _middle(images: Tensor, boxes: Tensor, size: Size, margin: float) -> Views:
    """Whole pictures without a margin; boxes as shares of what is left, cut to it."""
    frame = boxes.new_tensor([0.0, 0.0, 1.0, 1.0]).expand(len(boxes), 1, 4)
    part = 1 + 2 * margin
    digits = ((boxes + margin) / part).clamp(0, 1)
    return crop(images, frame, size, margin)._replace(digits=digits)


def augmentation(recipe: Recipe, size: Size) -> Augmentation:
    """Random views of whole pictures, or the pictures as they are.

    The recipe's ``rotation`` and ``shear`` are their largest turn and slant; ``light``
    is the share of the usual changes of colour, contrast, sharpness and noise (in the
    tutorials' view: of their jitter).
    """
    if recipe.view == "tutorial":
        return _tutorial(recipe, size)
    light, usual = recipe.light, _RANDOM[recipe.view]
    ranges = {name: getattr(usual, name) * light for name in LIGHT}
    crops = replace(
        usual,
        rotation=recipe.rotation,
        slant=recipe.shear,
        empty=recipe.empty,
        erasing=recipe.erasing,
        **ranges,
    )
    changes = (light, recipe.rotation, recipe.shear, recipe.erasing)
    still = recipe.view == "whole" and not any(changes)

    def view(batch: Examples, generator: torch.Generator) -> Examples:
        boxes = _boxes(batch)
        if still:
            views = whole(batch.images, boxes, size)
        else:
            views = crops(batch.images, boxes, _sizes(batch), generator, size)
        missed = _nowhere(views.digits) & ~_nowhere(boxes)
        labels = batch.labels.masked_fill(missed[:, None], NONE)
        return replace(batch, images=views.images, labels=labels, boxes=views.digits)

    return view


def _tutorial(recipe: Recipe, size: Size) -> Augmentation:
    views = TutorialViews(recipe.rotation, recipe.light)

    def view(batch: Examples, generator: torch.Generator) -> Examples:
        images = views(batch.images, generator, size)
        # nobody asks a reader where the digits went
        return replace(batch, images=images, boxes=None)

    return view


LIGHT = (
    *("brightness", "contrast", "saturation", "tint"),
    *("inverted", "blur", "coarse", "grain"),
)


# what a recipe may ask of other pictures, and views of street pictures do not know
_UNKNOWN = ("shift", "scale", "flip")
_NOT_IN_TUTORIAL = ("shear", "erasing")


def check_view(recipe: Recipe, split: Split, name: str, *, finds: bool = False) -> None:
    """Refuses views that need boxes where a data set has none, and idle settings.

    Args:
        recipe: its view.
        split: of the data set.
        name: of the data set.
        finds: whether the network is asked for boxes.

    Raises:
        UsageError: it has none, or the view loses them; or the recipe asks for a change
            that no view, or not this one, makes.
    """
    idle = _UNKNOWN + (_NOT_IN_TUTORIAL if recipe.view == "tutorial" else ())
    for setting in idle:
        if getattr(recipe, setting):
            raise UsageError(
                f"{setting} = {getattr(recipe, setting)}: nothing follows from it for "
                f"street pictures with view = {recipe.view!r}; leave it away"
            )
    if finds and recipe.view == "tutorial":
        raise UsageError(
            "view = 'tutorial': is for networks that read; one that finds the number "
            "learns from --view find or --view whole"
        )
    if recipe.view not in ("whole", "tutorial") and split.boxes is None:
        raise UsageError(
            f"view = {recipe.view!r}: {name} does not say where its digits are; only "
            "--view whole can be used"
        )


def _nowhere(boxes: Tensor) -> Tensor:
    """N, bool: pictures without a digit that is known to lie somewhere."""
    return boxes.isnan().flatten(1).all(dim=1)


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
