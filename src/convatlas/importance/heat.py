"""Heat maps: which pixels of a picture made a network say what it says.

Grad-CAM (arXiv:1610.02391), integrated gradients (arXiv:1703.01365), occlusion
(arXiv:1311.2901, section 4.2) and guided back-propagation (arXiv:1412.6806); all but
the last by captum. What each says and does not say is in ``docs/heat-maps.md``.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from convatlas.anatomy import Table, trace
from convatlas.errors import NetworkError, UnknownName, UsageError
from convatlas.importance.asking import Question
from convatlas.importance.grad_cam import grad_cam, layer_row
from convatlas.importance.guided import guided_backprop
from convatlas.importance.targets import Target, answers_of, target_of
from convatlas.importance.undisturbed import attributing

Method = Literal["grad-cam", "integrated-gradients", "occlusion", "guided-backprop"]
METHODS: tuple[Method, ...] = get_args(Method)

FIRST_STEPS, MOST_STEPS = 32, 512  # of integrated gradients; doubled until complete
COMPLETE = 0.01  # share of the difference that the sum may be off
WINDOWS = 7  # of occlusion, side by side along the shorter side
MOST_WINDOWS = 256  # of occlusion, where half steps would make more


@dataclass(frozen=True)
class HeatMap:
    """How much each pixel has to do with one number of the answer.

    Attributes:
        method: one of ``METHODS``.
        values: H W, float32, in the picture's size; channels are added.
        signed: whether values below zero (that speak against the target) are there.
        target: what was asked about.
        score: the target's logit for the picture.
        layer: of Grad-CAM.
        blank_score: the target's logit for the blank picture, of integrated gradients.
        completeness: how far the sum of all values is from ``score - blank_score``,
            as a share of it, of integrated gradients.
        steps: of integrated gradients.
        window: side of the covered square and step of its place, of occlusion.
        note: what limits the map, in a line; empty: nothing.
    """

    method: Method
    values: NDArray[np.float32]
    signed: bool
    target: Target
    score: float
    layer: str | None = None
    blank_score: float | None = None
    completeness: float | None = None
    steps: int | None = None
    window: tuple[int, int] | None = None
    note: str = ""


@dataclass(frozen=True)
class _Given:
    question: Question
    layer: str | None
    table: Table | None


def heat_map(
    network: nn.Module,
    picture: Tensor,
    method: str,
    target: Target | None = None,
    *,
    layer: str | None = None,
    blank: Sequence[float] | None = None,
    table: Table | None = None,
) -> HeatMap:
    """A heat map of one picture; the network is left as it was.

    Args:
        network: any that answers one picture tensor with one tensor.
        picture: C H W, float, as the network takes it.
        method: one of ``METHODS``.
        target: what is asked about; the likeliest class when None.
        layer: that Grad-CAM looks at; when None the last map that all of the answer
            comes from.
        blank: a pixel of a picture that shows nothing, a number a channel, as the
            network takes it; zeros (the mean of the training pictures) when None.
        table: of the network for this size of pictures, if it is at hand.

    Raises:
        UnknownName: no such method or layer.
        UsageError: a picture, layer or target that does not fit.
        NetworkError: the network cannot be attributed so.
    """
    if method not in _METHODS:
        raise UnknownName("method", method, METHODS, f"there are {', '.join(METHODS)}")
    asked = target or target_of(answers_of(network, picture))
    network = getattr(network, "_orig_mod", network)  # what torch.compile wraps
    with attributing(network) as ready:
        batch = ready(picture)
        empty = _blank(batch, blank)
        given = _Given(Question(network, batch, asked, empty), layer, table)
        try:
            return _METHODS[method](given)
        except (RuntimeError, AssertionError) as error:
            first = str(error).strip().splitlines()[0]
            raise NetworkError(
                f"{method} cannot look into {type(network).__name__}: {first}"
            ) from None


def _grad_cam(given: _Given) -> HeatMap:
    question = given.question
    table = given.table or trace(question.network, tuple(question.picture.shape[1:]))
    row = layer_row(table, given.layer)
    found = _map("grad-cam", grad_cam(question, row), question, signed=False)
    return replace(found, layer=row.name)


def _integrated_gradients(given: _Given) -> HeatMap:
    from captum.attr import IntegratedGradients

    question, steps = given.question, FIRST_STEPS
    score, blank = question.score_of_picture(), question.score_of_blank()
    difference = score - blank
    while True:
        picture = question.picture.clone().requires_grad_()
        found = IntegratedGradients(question.score).attribute(
            picture, question.blank, n_steps=steps, internal_batch_size=question.at_once
        )
        off = abs(float(found.detach().sum()) - difference) / max(abs(difference), 1e-6)
        if off <= COMPLETE or steps >= MOST_STEPS:
            break
        steps *= 2
    note = "" if off <= COMPLETE else f"the sum is {off:.1%} off after {steps} steps"
    return replace(
        _map("integrated-gradients", found.sum(1)[0], question, signed=True),
        blank_score=blank,
        completeness=off,
        steps=steps,
        note=note,
    )


def _occlusion(given: _Given) -> HeatMap:
    from captum.attr import Occlusion

    question = given.question
    channels = question.picture.shape[1]
    side, step = window_of(question.size)
    found = Occlusion(question.score).attribute(
        question.picture,
        sliding_window_shapes=(channels, side, side),
        strides=(channels, step, step),
        baselines=question.blank,
        perturbations_per_eval=question.at_once,
    )
    # all channels are covered together, and captum gives each the whole difference
    values = _map("occlusion", found[0, 0], question, signed=True)
    return replace(values, window=(side, step))


def window_of(size: tuple[int, int]) -> tuple[int, int]:
    """Side of the square that occlusion covers, and the step of its place, in pixels.

    Squares overlap by half, less where that would make very many.
    """
    side = max(min(size) // WINDOWS, 1)
    step = max(side // 2, 1)
    while step < side and prod(-(-(s - side) // step) + 1 for s in size) > MOST_WINDOWS:
        step += 1
    return side, step


def _guided_backprop(given: _Given) -> HeatMap:
    question = given.question
    gradient, relus = guided_backprop(question)
    note = "" if relus else "no ReLU guides it in this network: a plain gradient"
    found = _map("guided-backprop", gradient.sum(1)[0], question, signed=True)
    return replace(found, note=note)


_METHODS: dict[str, Callable[[_Given], HeatMap]] = {
    "grad-cam": _grad_cam,
    "integrated-gradients": _integrated_gradients,
    "occlusion": _occlusion,
    "guided-backprop": _guided_backprop,
}


def _map(method: Method, values: Tensor, question: Question, signed: bool) -> HeatMap:
    plain = values.detach().float().cpu().numpy()
    return HeatMap(method, plain, signed, question.target, question.score_of_picture())


def _blank(batch: Tensor, blank: Sequence[float] | None) -> Tensor:
    channels = batch.shape[1]
    pixel = (0.0,) * channels if blank is None else tuple(blank)
    if len(pixel) != channels:
        raise UsageError(
            f"blank {pixel}: the picture has {channels} channels, a number for each is "
            "needed"
        )
    return batch.new_tensor(pixel)[None, :, None, None].expand_as(batch).clone()
