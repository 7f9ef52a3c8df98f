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

from convatlas.errors import UsageError
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
        UsageError: the network cannot take the smallest size.
    """
    if recipe.first_size == 1:
        return full
    channels, *sides = shape
    step = (1 - recipe.first_size) / recipe.resize_stages
    shares = [recipe.first_size + step * stage for stage in range(recipe.resize_stages)]
    sizes = [(round(sides[0] * share), round(sides[1] * share)) for share in shares]
    _stretch_maps(network, shape)
    _check(network, (channels, *sizes[0]), recipe.first_size)
    smaller = tuple(resized(height, width) for height, width in sizes)
    return GrowingInput(full, smaller, recipe.resize_until)


def _stretch_maps(network: nn.Module, shape: Shape) -> None:
    """Makes the features give a map of the size that a full input has, for any."""
    features = features_of(network)
    with evaluating(network):
        found = features(_blank(network, shape))
    features.register_forward_hook(_Stretch(found.shape[-2:]))


class _Stretch:
    """A forward hook; an object, since the network's average copies it."""

    def __init__(self, size: torch.Size) -> None:
        self.size = size

    def __call__(self, module: nn.Module, images: object, found: Tensor) -> Tensor:
        if found.shape[-2:] == self.size:
            return found
        return F.interpolate(found, self.size, mode="bilinear")


def _check(network: nn.Module, shape: Shape, share: float) -> None:
    try:
        with evaluating(network):
            network(_blank(network, shape))
            if hasattr(network, "logits_with_auxiliaries"):
                branched = cast(WithAuxiliaries, network)
                branched.logits_with_auxiliaries(_blank(network, shape))
    except RuntimeError as error:
        reason = str(error).strip().splitlines()[0]
        raise UsageError(
            f"first_size = {share:g}: the network cannot take pictures of "
            f"{shape[1]}×{shape[2]} ({reason}); take a larger share, or 1"
        ) from None


def _blank(network: nn.Module, shape: Shape) -> Tensor:
    return torch.zeros(1, *shape, device=next(network.parameters()).device)
