"""Smaller inputs first: early steps on pictures that cost a fraction of the full size.

Howard, "Training Imagenet in 3 hours for $25" (fast.ai 2018, DAWNBench); Touvron et
al. 2019 (arXiv:1906.06423) on why the last steps want the full size. A head that takes
only the map of the full size gets one: the last map of a smaller picture is stretched
to it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from convatlas.errors import InputSizeError
from convatlas.recipe import Recipe
from convatlas.training.freezing import features_of
from convatlas.training.inference import Transform, evaluating
from convatlas.training.losses import WithAuxiliaries

Shape = tuple[int, int, int]


@dataclass(frozen=True)
class GrowingInput:
    """A transform whose pictures grow; called on its own it gives the full size.

    Attributes:
        full: to the network's input, as for validation.
        smaller: to smaller and smaller shares of it, the smallest first.
        until: share of the training that these take, each as long as the others.
    """

    full: Transform
    smaller: tuple[Transform, ...]
    until: float

    def __call__(self, images: Tensor) -> Tensor:
        return self.full(images)

    def at(self, step: int, steps: int) -> Transform:
        """The transform of one optimizer step, counted from 0, of ``steps``."""
        stage = int(step / (self.until * steps) * len(self.smaller))
        return self.smaller[stage] if stage < len(self.smaller) else self.full


def transform_at(transform: Transform, step: int, steps: int) -> Transform:
    """What a step's pictures go through: another one early on, if inputs grow."""
    return (
        transform.at(step, steps) if isinstance(transform, GrowingInput) else transform
    )


def growing(
    recipe: Recipe,
    network: nn.Module,
    shape: Shape,
    full: Transform,
    resized: Callable[[int, int], Transform],
) -> Transform:
    """``full``, or a ``GrowingInput`` where the recipe asks for smaller inputs first.

    The network is then taught to stretch the last map of smaller pictures to the size
    that its head expects; its weights and its answers at full size stay the same.

    Args:
        recipe: its ``first_size``, ``resize_until`` and ``resize_stages``.
        network: changed in place.
        shape: of the full input: (channels, height, width).
        full: the transform to it.
        resized: makes the transform to another height and width.

    Raises:
        InputSizeError: the network cannot take the smallest size.
    """
    if recipe.first_size == 1:
        return full
    channels, *sides = shape
    step = (1 - recipe.first_size) / recipe.resize_stages
    shares = [recipe.first_size + step * stage for stage in range(recipe.resize_stages)]
    sizes = [(round(sides[0] * share), round(sides[1] * share)) for share in shares]
    reason = _stretch_maps(network, shape, (channels, *sizes[0]))
    if reason:
        raise InputSizeError(
            f"first_size = {recipe.first_size:g}: the network cannot take pictures of "
            f"{sizes[0][0]}×{sizes[0][1]} ({reason}); take a larger share, or 1"
        )
    smaller = tuple(resized(height, width) for height, width in sizes)
    return GrowingInput(full, smaller, recipe.resize_until)


def _stretch_maps(network: nn.Module, full: Shape, smallest: Shape) -> str:
    """Makes a map that gets too small as large as with a full input.

    As late as possible: the last map of the features, or the one before a layer that
    smaller pictures are too small for. Returns why that is impossible, if it is.
    """
    features = features_of(network)
    reason = ""
    for place in (features, *reversed(list(features.children())[:-1])):
        sizes: list[torch.Size] = []
        watching = place.register_forward_hook(
            lambda module, given, found, sizes=sizes: sizes.append(found.shape[-2:])
        )
        _answer(network, full)
        watching.remove()
        stretching = place.register_forward_hook(_Stretch(sizes[0]))
        try:
            _answer(network, smallest)
            return ""
        except RuntimeError as error:
            stretching.remove()
            reason = reason or str(error).strip().splitlines()[0]
    return reason


class _Stretch:
    """A forward hook; an object, since the network's average copies it."""

    def __init__(self, size: torch.Size) -> None:
        self.size = size

    def __call__(self, module: nn.Module, images: object, found: Tensor) -> Tensor:
        if found.shape[-2:] == self.size:
            return found
        return F.interpolate(found, self.size, mode="bilinear")


def _answer(network: nn.Module, shape: Shape) -> None:
    images = torch.zeros(1, *shape, device=next(network.parameters()).device)
    with evaluating(network):
        network(images)
        if hasattr(network, "logits_with_auxiliaries"):
            cast(WithAuxiliaries, network).logits_with_auxiliaries(images)
