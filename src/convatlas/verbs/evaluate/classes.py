"""Figures of a run that tells classes apart."""

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from convatlas import machine
from convatlas.data.dataset import Dataset, Split, SplitName
from convatlas.plots.confusion import draw_confusion
from convatlas.plots.figure import save
from convatlas.runs import Run
from convatlas.training.inference import logits_of
from convatlas.training.metrics import (
    calibration_error,
    confusion_matrix,
    wilson_interval,
)
from convatlas.verbs.evaluate.result import (
    SHOWN_MISTAKES,
    Figures,
    Mistake,
    mistakes_sheet,
)


@dataclass(frozen=True)
class ClassFigures:
    """Of one class: pictures, share of them that is found (recall), share of its
    predictions that is right (precision, None if it was never predicted)."""

    name: str
    count: int
    recall: float | None
    precision: float | None


@dataclass(frozen=True)
class Evaluation(Figures):
    """All figures of a run that tells classes apart.

    ``interval`` is the 95 % Wilson interval of the accuracy; ``mistakes`` are sorted
    by confidence, surest first.
    """

    correct: int
    accuracy: float
    interval: tuple[float, float]
    loss: float
    calibration_error: float
    classes: tuple[ClassFigures, ...]
    confusion: tuple[tuple[int, ...], ...]
    mistakes: tuple[Mistake, ...]


def evaluate_classes(
    run: Run, dataset: Dataset, split: SplitName, device: torch.device
) -> tuple[Evaluation, Split]:
    """Asks the network about every picture of a split."""
    part, network = dataset.split(split), run.network(device)
    started = perf_counter()
    transform = run.preprocess().to(device)
    logits = logits_of(network, part.images, transform).cpu()
    seconds = perf_counter() - started
    return _figures(dataset, split, part, logits, seconds), part


def _figures(
    dataset: Dataset, split: SplitName, part: Split, logits: Tensor, seconds: float
) -> Evaluation:
    names, labels = dataset.labels.names, part.labels
    probabilities = logits.double().softmax(dim=1)
    confidence, predicted = probabilities.max(dim=1)
    matrix = confusion_matrix(labels, predicted, len(names))
    count, correct = len(labels), int(matrix.diagonal().sum())
    wrong = (predicted != labels).nonzero().flatten()
    order = confidence[wrong].argsort(descending=True)
    true, answered = matrix.sum(dim=1).tolist(), matrix.sum(dim=0).tolist()
    hits = matrix.diagonal().tolist()
    return Evaluation(
        split=split,
        data=dataset.name,
        sha256=dataset.sha256,
        count=count,
        correct=correct,
        accuracy=correct / count,
        interval=wilson_interval(correct, count),
        loss=float(cross_entropy(logits, labels)),
        calibration_error=calibration_error(probabilities, labels),
        classes=tuple(
            ClassFigures(
                name,
                true[i],
                hits[i] / true[i] if true[i] else None,
                hits[i] / answered[i] if answered[i] else None,
            )
            for i, name in enumerate(names)
        ),
        confusion=tuple(tuple(row) for row in matrix.tolist()),
        mistakes=tuple(
            Mistake(
                index=i,
                file=part.files[i] if part.files else None,
                true=names[labels[i]],
                predicted=names[predicted[i]],
                confidence=float(confidence[i]),
                confidence_of_true=float(probabilities[i, labels[i]]),
            )
            for i in wrong[order].tolist()
        ),
        images_per_second=count / seconds,
        processor=machine.processor(),
    )


def draw_classes(
    run: Run, stem: str, evaluation: Evaluation, part: Split
) -> tuple[Path, Path]:
    """The confusion matrix and the surest mistakes, into the run."""
    low, high = evaluation.interval
    about = (
        f"{run.info.network['name']} on {evaluation.data} ({evaluation.split}): "
        f"{evaluation.accuracy:.2%} of {evaluation.count:,} "
        f"(95 %: {low:.2%} to {high:.2%})"
    )
    names = run.info.labels.names
    mistakes = evaluation.mistakes
    worst = [part.images[mistake.index] for mistake in mistakes[:SHOWN_MISTAKES]]
    return (
        save(
            draw_confusion(evaluation.confusion, names, about),
            run.path / f"{stem}-confusion.png",
        ),
        save(mistakes_sheet(mistakes, worst), run.path / f"{stem}-mistakes.png"),
    )
