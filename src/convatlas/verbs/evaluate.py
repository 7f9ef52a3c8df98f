"""How good a run is on a split: figures with their uncertainty, and pictures."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from torch import Tensor
from torch.nn.functional import cross_entropy

from convatlas import data, machine
from convatlas.card import card_text
from convatlas.data.dataset import Dataset, Split, SplitName
from convatlas.errors import DataError
from convatlas.plots.confusion import draw_confusion
from convatlas.plots.figure import save
from convatlas.plots.mistakes import PictureOfMistake, draw_mistakes
from convatlas.progress import Progress, silent
from convatlas.runs import Run
from convatlas.training.inference import logits_of
from convatlas.training.metrics import (
    calibration_error,
    confusion_matrix,
    wilson_interval,
)

SHOWN_MISTAKES = 32


@dataclass(frozen=True)
class ClassFigures:
    """Of one class: pictures, share of them that is found (recall), share of its
    predictions that is right (precision, None if it was never predicted)."""

    name: str
    count: int
    recall: float | None
    precision: float | None


@dataclass(frozen=True)
class Mistake:
    """A picture by its place in the split (and its file, if it had one)."""

    index: int
    file: str | None
    true: str
    predicted: str
    confidence: float
    confidence_of_true: float


@dataclass(frozen=True)
class Evaluation:
    """All figures of a run on a split; the content of ``test.json``.

    ``interval`` is the 95 % Wilson interval of the accuracy; ``mistakes`` are sorted
    by confidence, surest first.
    """

    split: SplitName
    data: str
    sha256: str
    count: int
    correct: int
    accuracy: float
    interval: tuple[float, float]
    loss: float
    calibration_error: float
    classes: tuple[ClassFigures, ...]
    confusion: tuple[tuple[int, ...], ...]
    mistakes: tuple[Mistake, ...]
    images_per_second: float
    processor: str

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        plain: dict[str, Any] = json.loads(json.dumps(asdict(self)))
        return plain


@dataclass(frozen=True)
class Evaluated:
    """The figures, the files that were written, and a warning if the figures say
    less than they seem to."""

    run: Run
    evaluation: Evaluation
    files: tuple[Path, ...]
    warning: str | None


def evaluate(
    run: Run | Path | str,
    split: SplitName = "test",
    *,
    data_name: str | None = None,
    data_dir: Path | None = None,
    device: str = "auto",
    skip_bad: bool = False,
    progress: Progress = silent,
) -> Evaluated:
    """Measures a run on a split and writes figures and pictures into it.

    Args:
        run: a run or its path.
        split: ``"train"``, ``"validation"`` or ``"test"``.
        data_name: another data set with the same classes; the run's own when None.
        data_dir: where data sets lie.
        device: see ``train``.
        skip_bad: go on without pictures that cannot be read.
        progress: told how far downloads and decoding are.

    Raises:
        RunError: no trained weights.
        DataError: a data set with other classes or channels.
    """
    run = run if isinstance(run, Run) else Run(run)
    chosen = machine.choose_device(device)
    network = run.network(chosen)
    own = data_name is None or data_name == run.info.data["name"]
    dataset = data.load(
        data_name or run.info.data["name"],
        folder=data_dir,
        shape=run.info.images.shape,
        skip_bad=skip_bad,
        progress=progress,
    )
    _check_fits(run, dataset)
    part = dataset.split(split)
    started = perf_counter()
    transform = run.preprocess().to(chosen)
    logits = logits_of(network, part.images, transform).cpu()
    seconds = perf_counter() - started
    evaluation = _figures(dataset, split, part, logits, seconds)
    stem = split if own else f"{split}-{_word(dataset.name)}"
    files = (
        run.save_figures(stem, evaluation.to_json()),
        *_draw(run, stem, evaluation, part),
    )
    run.save_card(card_text(run))
    return Evaluated(run, evaluation, files, _warning(run, dataset))


def _warning(run: Run, dataset: Dataset) -> str | None:
    if run.info.data["name"] != dataset.drawn_from:
        return None
    return (
        f"{dataset.name} is a part of the training pictures of {dataset.drawn_from}, "
        "on which this run was trained: these figures are too good"
    )


def _check_fits(run: Run, dataset: Dataset) -> None:
    expected, found = run.info.labels.names, dataset.labels.names
    if found != expected:
        raise DataError(
            f"{dataset.name} has the classes {_few(found)}, but {run.path} was trained "
            f"on {_few(expected)}: only a data set with the same classes can be used"
        )
    if dataset.spec.shape != run.info.images.shape:
        raise DataError(
            f"{dataset.name} has pictures of {dataset.spec.shape}, but {run.path} was "
            f"trained on {run.info.images.shape} (channels, height, width)"
        )


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


def _draw(
    run: Run, stem: str, evaluation: Evaluation, part: Split
) -> tuple[Path, Path]:
    low, high = evaluation.interval
    about = (
        f"{run.info.network['name']} on {evaluation.data} ({evaluation.split}): "
        f"{evaluation.accuracy:.2%} of {evaluation.count:,} "
        f"(95 %: {low:.2%} to {high:.2%})"
    )
    names = run.info.labels.names
    worst = evaluation.mistakes[:SHOWN_MISTAKES]
    pictures = [
        PictureOfMistake(
            part.images[m.index].numpy(),
            m.true,
            m.predicted,
            m.confidence,
            m.confidence_of_true,
        )
        for m in worst
    ]
    return (
        save(
            draw_confusion(evaluation.confusion, names, about),
            run.path / f"{stem}-confusion.png",
        ),
        save(
            draw_mistakes(
                pictures,
                f"{len(worst)} surest of {len(evaluation.mistakes)} mistakes: "
                "what was read (orange), what it is",
            ),
            run.path / f"{stem}-mistakes.png",
        ),
    )


def _word(name: str) -> str:
    return Path(name.removeprefix("folder:")).name


def _few(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:4])
    return f"{shown}, ... ({len(names)})" if len(names) > 4 else shown
