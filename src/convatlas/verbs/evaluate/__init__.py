"""How good a run is on a split: figures with their uncertainty, and pictures.

``classes`` measures runs that tell classes apart, ``numbers`` those that read house
numbers, ``boxes`` those that find them.
"""

from dataclasses import dataclass
from pathlib import Path

from convatlas import data, machine
from convatlas.card import card_text
from convatlas.data.catalogue import judged_by, parts
from convatlas.data.dataset import Dataset, SplitName
from convatlas.errors import DataError
from convatlas.networks import find
from convatlas.progress import Progress, silent
from convatlas.runs import Run
from convatlas.verbs.evaluate.boxes import BoxEvaluation, draw_boxes, evaluate_boxes
from convatlas.verbs.evaluate.classes import (
    Evaluation,
    draw_classes,
    evaluate_classes,
)
from convatlas.verbs.evaluate.number_figures import NumberEvaluation
from convatlas.verbs.evaluate.numbers import draw_numbers, evaluate_numbers, words
from convatlas.verbs.evaluate.result import AS_TRAINED, Conditions, Mistake, stem_of
from convatlas.verbs.street_run import StreetRun

__all__ = [
    "AS_TRAINED",
    "BoxEvaluation",
    "Conditions",
    "Evaluated",
    "Evaluation",
    "Mistake",
    "NumberEvaluation",
    "evaluate",
]


@dataclass(frozen=True)
class Evaluated:
    """The figures, the files that were written, and a warning if the figures say
    less than they seem to."""

    run: Run
    evaluation: Evaluation | NumberEvaluation | BoxEvaluation
    files: tuple[Path, ...]
    warning: str | None


def evaluate(
    run: Run | Path | str,
    split: SplitName = "test",
    *,
    data_name: str | None = None,
    conditions: Conditions = AS_TRAINED,
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
        conditions: of a run that reads numbers: how they are shown and read.
        data_dir: where data sets lie.
        device: see ``train``.
        skip_bad: go on without pictures that cannot be read.
        progress: told how far downloads and decoding are.

    Raises:
        RunError: no trained weights.
        DataError: a data set with other classes or channels, or without labels.
        UsageError: conditions that do not fit the run.
    """
    run = run if isinstance(run, Run) else Run(run)
    chosen = machine.choose_device(device)
    answers = find(run.info.network["name"]).answers

    def load(name: str) -> Dataset:
        return data.load(
            name,
            folder=data_dir,
            shape=run.info.images.shape,
            skip_bad=skip_bad,
            progress=progress,
        )

    if answers in ("class", "box"):
        kind = "tells classes apart" if answers == "class" else "finds them"
        conditions.refuse_all(run, kind)
    run.network()  # before the data, so that a run without weights is known at once
    dataset = load(data_name or run.info.data["name"])
    check_fits(run, dataset)
    evaluation: Evaluation | NumberEvaluation | BoxEvaluation
    drawn: tuple[Path, ...]
    if answers == "class":
        stem = stem_of(run, split, dataset)
        evaluation, part = evaluate_classes(run, dataset, split, chosen)
        drawn = draw_classes(run, stem, evaluation, part)
    elif answers == "box":
        stem, street = stem_of(run, split, dataset), StreetRun.of(run, chosen)
        evaluation, part = evaluate_boxes(street, dataset, split)
        drawn = draw_boxes(street, stem, evaluation, part)
    else:
        own = run.info.data["name"]
        differs = words(run.info.recipe.view, conditions)
        stem, street = stem_of(run, split, dataset, *differs), StreetRun.of(run, chosen)
        evaluation, part = evaluate_numbers(
            street,
            dataset,
            split,
            conditions,
            lambda: dataset if judged_by(own) == judged_by(dataset.name) else load(own),
        )
        drawn = draw_numbers(street, stem, evaluation, part, conditions)
    file = run.save_figures(stem, evaluation.to_json())
    run.save_card(card_text(run))
    return Evaluated(run, evaluation, (file, *drawn), _warning(run, dataset))


def check_fits(run: Run, dataset: Dataset) -> None:
    """Whether a run can be asked about a data set.

    Raises:
        DataError: other classes, or pictures of another shape.
    """
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


def _warning(run: Run, dataset: Dataset) -> str | None:
    if dataset.drawn_from not in parts(run.info.data["name"]):
        return None
    return (
        f"{dataset.name} is a part of the training pictures of {dataset.drawn_from}, "
        "on which this run was trained: these figures are too good"
    )


def _few(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:4])
    return f"{shown}, ... ({len(names)})" if len(names) > 4 else shown
