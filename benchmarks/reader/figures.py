"""How good the answers of one side are."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

import torch

from benchmarks.reader.answers import Answer
from convatlas.house_number import encode
from convatlas.verbs.evaluate.number_figures import (
    CoveragePoint,
    Group,
    by_height,
    by_length,
    coverage_curve,
)

LAST = -1.0  # confidence of what is no answer: below all others


@dataclass(frozen=True)
class Figures:
    """Of one side's answers to one view of the pictures.

    Attributes:
        all: pictures, and those whose whole number is right.
        milliseconds: a picture, median.
        coverage: from the surest answer to all of them.
        at_goal: the point of the largest coverage with 98 % right; None if none has.
        lengths: of the pictures by the number's length.
        heights: of the pictures by the mean height of their digits in pixels.
    """

    all: Group
    milliseconds: float
    coverage: tuple[CoveragePoint, ...]
    at_goal: CoveragePoint | None
    lengths: tuple[Group, ...]
    heights: tuple[Group, ...]


def figures(
    answers: Sequence[Answer], numbers: Sequence[str], heights: Sequence[float]
) -> Figures:
    """Answers compared with the true numbers.

    Args:
        answers: one a picture; one without digits is wrong and the least sure.
        numbers: the true ones.
        heights: of the digits, pixels.
    """
    pairs = zip(answers, numbers, strict=True)
    correct = torch.tensor([one.number == true for one, true in pairs])
    sure = [_confidence(one) for one in answers]
    confidence = torch.tensor(sure, dtype=torch.float64)
    curve, goal = coverage_curve(confidence, correct)
    labels = encode(numbers, max(len(number) for number in numbers))
    return Figures(
        all=Group.of("all", correct),
        milliseconds=median(one.milliseconds for one in answers),
        coverage=curve,
        at_goal=goal,
        lengths=by_length(correct, labels),
        heights=by_height(correct, torch.tensor(heights)),
    )


def _confidence(answer: Answer) -> float:
    if not answer.number or answer.confidence is None:
        return LAST
    return answer.confidence
