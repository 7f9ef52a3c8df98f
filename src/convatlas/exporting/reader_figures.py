"""How well a reader bundle reads whole files, and how honest it is about it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from convatlas.exporting.street_files import StreetPicture
from convatlas.house_number import encode
from convatlas.number_box import overlap
from convatlas.reading.answers import Combine, Floats, read_looks
from convatlas.reading.reader import PlaceByPlace, Reader
from convatlas.reading.windows import crop
from convatlas.readings import log_probability
from convatlas.spec import Rule
from convatlas.temperature import fit_temperature, of_mixture
from convatlas.training.metrics import (
    accuracy_of_surest,
    confidence_error,
    most_at_goal,
    wilson_interval,
)
from convatlas.training.tasks import DigitsTask

MARGIN = 0.15  # of true crops, a side
FOUND, TRUE = "whole pictures", "true crops + 15 %"


@dataclass(frozen=True)
class Answers:
    """What a reader's network answered to pictures, before anything is made of it.

    Attributes:
        shown: ``"whole pictures"``: found by itself; or ``"true crops + 15 %"``:
            pictures of their own that end there.
        looks: of each picture, looks × places × 11.
        numbers: the true ones.
        overlap: mean intersection over union of the found boxes with the true ones;
            None where true boxes were given or none is known.
    """

    shown: str
    looks: tuple[Floats, ...]
    numbers: tuple[str, ...]
    overlap: float | None = None


def answers_of(
    reader: Reader, of_crops: Reader, pictures: Iterable[StreetPicture]
) -> list[Answers]:
    """A bundle's answers to whole pictures, and to their true crops where known.

    Args:
        reader: that finds numbers; its network answers place by place.
        of_crops: the same, for cut-out numbers.
        pictures: with the true numbers.
    """
    assert isinstance(reader.tell, PlaceByPlace)
    network = reader.tell.network
    found: list[tuple[Floats, str]] = []
    cut_out: list[tuple[Floats, str]] = []
    shared: list[float] = []
    for picture in pictures:
        boxes = reader.boxes(picture.image)
        views = reader.views(picture.image, boxes)
        found.append((network(views), picture.number))
        if picture.box is not None:
            cut = crop(picture.image, picture.box, MARGIN)
            views = of_crops.views(cut, of_crops.boxes(cut))
            cut_out.append((network(views), picture.number))
            pair = torch.tensor([boxes[-1]]), torch.tensor([picture.box])
            shared.append(float(overlap(*pair)[0]))
    parts = [_answers(FOUND, found, float(np.mean(shared)) if shared else None)]
    return [*parts, _answers(TRUE, cut_out)] if cut_out else parts


def fitted_temperature(answers: Answers, combine: Combine) -> float:
    """What the answers are to be divided by, so that confidences are honest."""
    each = np.stack(answers.looks).swapaxes(0, 1)  # looks × pictures × places × 11
    looks = [torch.from_numpy(look) for look in each]
    numbers = list(answers.numbers)
    if combine == "surest":  # one look alone tells the number
        numbers *= len(looks)
        looks = [torch.cat(looks)]
    probability = of_mixture if combine == "mixture" else log_probability
    labels = _labels(numbers)
    return fit_temperature(DigitsTask(), looks, labels, probability).temperature


def figures(
    answers: Answers, temperature: float, combine: Combine, rule: Rule
) -> dict[str, Any]:
    """Accuracy of whole numbers with its 95 % interval, calibration, coverage."""
    lengths = (1, answers.looks[0].shape[1]) if rule == "likeliest" else None
    read = [
        read_looks(look, temperature=temperature, combine=combine, lengths=lengths)[0]
        for look in answers.looks
    ]
    pairs = zip(read, answers.numbers, strict=True)
    correct = torch.tensor([one.number == true for one, true in pairs])
    confidence = torch.tensor([one.confidence for one in read], dtype=torch.float64)
    count, hits = len(correct), int(correct.sum())
    _, of_surest = accuracy_of_surest(confidence, correct)
    told = {
        "shown": answers.shown,
        "count": count,
        "accuracy": hits / count,
        "interval": list(wilson_interval(hits, count)),
        "calibration_error": confidence_error(confidence, correct),
        "coverage_at_98": most_at_goal(of_surest) / count,
    }
    if answers.overlap is not None:
        told["mean_iou"] = answers.overlap
    return told


def _answers(
    shown: str, pairs: Sequence[tuple[Floats, str]], shared: float | None = None
) -> Answers:
    looks, numbers = zip(*pairs, strict=True)
    return Answers(shown, looks, numbers, shared)


def _labels(numbers: Sequence[str]) -> Tensor:
    return encode(numbers, max(len(number) for number in numbers))
