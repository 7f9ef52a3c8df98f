"""Classifying a user's own pictures with a run."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from convatlas import machine
from convatlas.data.digit_photo import as_mnist
from convatlas.data.pictures import read_picture
from convatlas.errors import DataError, PictureError, UsageError
from convatlas.networks import find
from convatlas.picture_names import find_pictures
from convatlas.readings import readings
from convatlas.runs import Run
from convatlas.runs.calibration import temperature_of
from convatlas.runs.shipped import run_folder
from convatlas.training.inference import logits_of
from convatlas.verbs.street_run import StreetRun

PICTURES_AT_ONCE = 500


@dataclass(frozen=True)
class Answer:
    """A class and how probable the network finds it."""

    name: str
    probability: float


@dataclass(frozen=True)
class Prediction:
    """The most probable classes of a picture, best first."""

    file: Path
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Predicted:
    """All predictions, and the files that could not be read, each with the reason."""

    predictions: tuple[Prediction, ...]
    left_out: tuple[tuple[Path, str], ...]


def predict(
    run: Run | Path | str,
    pictures: Sequence[str | Path],
    *,
    top: int = 3,
    device: str = "auto",
    skip_bad: bool = False,
) -> Predicted:
    """Classifies pictures of any size, or reads the house number that fills them.

    Where the run was trained on centred digits, a picture is taken for a photo or scan
    of one digit, dark on light or light on dark, and prepared as MNIST's were;
    elsewhere it is scaled to the size of the training pictures. A run that reads
    numbers gives one answer, and looks at the whole picture.

    Args:
        run: a run or its path; ``shipped:lenet5`` is one that comes with the package.
        pictures: files, folders and globs.
        top: how many answers a picture.
        device: see ``train``.
        skip_bad: go on without pictures that cannot be read.

    Raises:
        PictureError: a picture that cannot be read, unless ``skip_bad``.
        UsageError: a run that answers with boxes.
    """
    if top < 1:
        raise UsageError(f"top = {top}: at least one answer a picture")
    run = run if isinstance(run, Run) else Run(run_folder(run))
    chosen = machine.choose_device(device)
    answer = _answering(run, chosen, top)
    files = find_pictures(pictures)
    predictions: list[Prediction] = []
    left_out: list[tuple[Path, str]] = []
    for start in range(0, len(files), PICTURES_AT_ONCE):
        read: list[tuple[Path, Tensor]] = []
        for file in files[start : start + PICTURES_AT_ONCE]:
            try:
                read.append((file, _prepared(run, file)))
            except PictureError as error:
                if not skip_bad:
                    raise
                left_out.append((file, str(error)))
        if not read:
            continue
        images = torch.stack([image for _, image in read])
        for (file, _), answers in zip(read, answer(images), strict=True):
            predictions.append(Prediction(file, answers))
    return Predicted(tuple(predictions), tuple(left_out))


Answering = Callable[[Tensor], list[tuple[Answer, ...]]]


def _answering(run: Run, device: torch.device, top: int) -> Answering:
    """What is answered to pictures as the run's training pictures were."""
    kind = find(run.info.network["name"]).answers
    if kind == "box":
        raise UsageError(
            f"{run.path}: finds where a number is and names nothing; 'convatlas "
            f"evaluate {run.path}' draws its boxes"
        )
    if kind != "class":
        return _reading(StreetRun.of(run, device))
    network, preprocess = run.network(device), run.preprocess().to(device)
    names = run.info.labels.names

    def classify(images: Tensor) -> list[tuple[Answer, ...]]:
        logits = logits_of(network, images, preprocess).cpu()
        best = logits.softmax(dim=1).topk(min(top, len(names)))
        return [
            tuple(Answer(names[i], p) for i, p in zip(indices, values, strict=True))
            for values, indices in zip(
                best.values.tolist(), best.indices.tolist(), strict=True
            )
        ]

    return classify


def _reading(street: StreetRun) -> Answering:
    temperature = temperature_of(street.run) or 1.0

    def read(images: Tensor) -> list[tuple[Answer, ...]]:
        looks = street.whole(images)
        found = readings(street.task, looks, temperature=temperature)
        return [(Answer(one.number, one.confidence),) for one in found]

    return read


def _prepared(run: Run, file: Path) -> Tensor:
    """A picture as the run's training pictures were: C H W, uint8."""
    spec = run.info.images
    if run.info.data["centred_digits"]:
        picture = read_picture(file, 1)[0]
        try:
            return as_mnist(picture)
        except DataError as error:
            raise PictureError(f"{file}: {error}") from None
    channels: Literal[1, 3] = 1 if spec.channels == 1 else 3
    return read_picture(file, channels, (spec.height, spec.width))
