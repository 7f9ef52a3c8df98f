"""How good readings are: as a whole, by place, by length, by size, by confidence."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from convatlas.house_number import NONE
from convatlas.spec import Reading
from convatlas.training.metrics import (
    accuracy_of_surest,
    most_at_goal,
    wilson_interval,
)
from convatlas.verbs.evaluate.result import Figures, Mistake

POINTS = 200  # of the coverage curve in the file, at most
SIZES = (15.0, 25.0, 40.0)  # heights of digits, pixels, between the groups


@dataclass(frozen=True)
class Group:
    """Some of the pictures (or digits) and how many of them were read right."""

    name: str
    count: int
    correct: int
    accuracy: float | None
    interval: tuple[float, float]

    @classmethod
    def of(cls, name: str, correct: Tensor) -> "Group":
        """From one bool for each of them."""
        count, right = len(correct), int(correct.sum())
        share = right / count if count else None
        return cls(name, count, right, share, wilson_interval(right, count))


@dataclass(frozen=True)
class CoveragePoint:
    """If only answers of at least this confidence are given: the share of pictures
    that get one, and how many of these are right."""

    confidence: float
    coverage: float
    accuracy: float


@dataclass(frozen=True)
class NumberEvaluation(Figures):
    """All figures of a run that reads numbers; a number is right as a whole or not.

    Attributes:
        shown: what was judged, in words, e.g. ``"true crops, margin 15 %"``.
        input_size: height and width in which it was shown.
        looks: ways of showing each picture whose answers were averaged.
        decode: how the answers were read.
        correct: numbers read right.
        accuracy: their share.
        interval: 95 % Wilson interval of it.
        digit_accuracy: share of all digits that were read right at their place.
        loss: mean of -log(probability of the true number), of those that can be said.
        temperature: that the answers were divided by.
        calibration_error: of the confidence in whole numbers.
        calibration_error_before: the same at a temperature of 1.
        longest: digits that the network can say.
        too_long: pictures whose number has more.
        places: of the digits by place, the first is ``"1"``.
        lengths: of the pictures by the number's length.
        sizes: of the pictures by the mean height of their digits in pixels of the file.
        coverage: from the surest answer to all of them.
        at_goal: the point of the largest coverage with 98 % right; None if none has.
        min_confidence: below which answers are refused.
        answered: of the pictures that are not refused.
        mistakes: sorted by confidence, surest first.
    """

    shown: str
    input_size: tuple[int, int]
    looks: int
    decode: str
    correct: int
    accuracy: float
    interval: tuple[float, float]
    digit_accuracy: float
    loss: float
    temperature: float
    calibration_error: float
    calibration_error_before: float
    longest: int
    too_long: int
    places: tuple[Group, ...]
    lengths: tuple[Group, ...]
    sizes: tuple[Group, ...]
    coverage: tuple[CoveragePoint, ...]
    at_goal: CoveragePoint | None
    min_confidence: float
    answered: Group
    mistakes: tuple[Mistake, ...]


def right_digits(readings: Sequence[Reading], labels: Tensor) -> Tensor:
    """N × digits, bool: whether each place was read as it is; also an empty one."""
    places = labels.shape[1]
    read = torch.full_like(labels, NONE)
    for row, one in enumerate(readings):
        digits = [int(digit) for digit in one.number[:places]]
        read[row, : len(digits)] = torch.tensor(digits, dtype=labels.dtype)
    return read == labels


def by_place(right: Tensor, labels: Tensor) -> tuple[Group, ...]:
    """Of the digits that the labels have at each place."""
    places = int((labels != NONE).sum(dim=1).max())
    return tuple(
        Group.of(f"{place + 1}", right[labels[:, place] != NONE, place])
        for place in range(places)
    )


def by_length(correct: Tensor, labels: Tensor) -> tuple[Group, ...]:
    """Of the pictures by the number of their digits."""
    lengths = (labels != NONE).sum(dim=1)
    return tuple(
        Group.of(f"{length}", correct[lengths == length])
        for length in sorted(set(lengths.tolist()))
    )


def by_size(
    correct: Tensor, boxes: Tensor | None, sizes: Tensor | None
) -> tuple[Group, ...]:
    """Of the pictures by the mean height of their digits; those without boxes last.

    Args:
        correct: N, bool.
        boxes: N × digits × 4, shares of the picture, NaN where there is none.
        sizes: N × 2, height and width of the file in pixels.
    """
    if boxes is None or sizes is None:
        return ()
    tall = (boxes[..., 3] - boxes[..., 1]).nanmean(dim=1).cpu() * sizes[:, 0].cpu()
    return by_height(correct, tall)


def by_height(correct: Tensor, tall: Tensor) -> tuple[Group, ...]:
    """Of the pictures by the height of their digits.

    Args:
        correct: N, bool.
        tall: N, pixels of the file; NaN where nobody knows.
    """
    edges = (0.0, *SIZES, torch.inf)
    names = [f"below {SIZES[0]:g}"]
    names += [f"{a:g} to {b:g}" for a, b in zip(SIZES, SIZES[1:], strict=False)]
    names += [f"{SIZES[-1]:g} and more"]
    groups = [
        Group.of(name, correct[(tall >= low) & (tall < high)])
        for name, low, high in zip(names, edges, edges[1:], strict=False)
    ]
    unknown = Group.of("no box", correct[tall.isnan()])
    return (*groups, *([unknown] if unknown.count else []))


def coverage_curve(
    confidence: Tensor, correct: Tensor
) -> tuple[tuple[CoveragePoint, ...], CoveragePoint | None]:
    """Points from the surest answer to all of them, and the one at 98 % right."""
    falling, accuracy = accuracy_of_surest(confidence, correct)
    count = len(falling)

    def point(index: int) -> CoveragePoint:
        # equally sure ones are answered together
        given = int((falling >= falling[index]).sum())
        return CoveragePoint(
            float(falling[index]), given / count, float(accuracy[index])
        )

    step = max(1, -(-count // POINTS))
    chosen = {*range(0, count, step), count - 1}
    most = most_at_goal(accuracy)
    goal = point(most - 1) if most else None
    return tuple(point(index) for index in sorted(chosen)), goal
