"""Figures of a run that reads house numbers."""

from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import torch
from torch import Tensor

from convatlas import machine, street_views
from convatlas.data.dataset import Dataset, Split, SplitName
from convatlas.errors import DataError, MissingData
from convatlas.house_number import decode
from convatlas.plots.coverage import draw_coverage
from convatlas.plots.figure import save
from convatlas.readings import log_probability, longest, readings
from convatlas.recipe import Recipe
from convatlas.runs.calibration import save_calibration, temperature_of
from convatlas.temperature import fit_temperature
from convatlas.training.metrics import GOAL, confidence_error, wilson_interval
from convatlas.verbs.evaluate.number_figures import (
    Group,
    NumberEvaluation,
    by_length,
    by_place,
    by_size,
    coverage_curve,
    right_digits,
)
from convatlas.verbs.evaluate.result import (
    SHOWN_MISTAKES,
    Conditions,
    Mistake,
    mistakes_sheet,
)
from convatlas.verbs.street_run import Margins, StreetRun

Own = Callable[[], Dataset]


def evaluate_numbers(
    street: StreetRun,
    dataset: Dataset,
    split: SplitName,
    conditions: Conditions,
    own: Own,
) -> tuple[NumberEvaluation, Split]:
    """Reads every picture of a split.

    Args:
        street: the run.
        dataset: to be read.
        split: of it.
        conditions: how its pictures are shown and its answers read.
        own: loads the data set that the run was trained on.

    Raises:
        DataError: nobody has told the numbers of the split.
        UsageError: a view that needs boxes, or a size that does not fit.
    """
    part = labelled(street, dataset, split)
    recipe, margins = shown_as(street, conditions)
    street_views.check_view(recipe, part, dataset.name)
    temperature = temperature_of(street.run) or calibrate(street, own)
    looks, seconds = street.answers(
        street.examples(part), recipe, margins, conditions.resize
    )
    rule, labels = conditions.decode, part.labels
    read = readings(street.task, looks, temperature=temperature, rule=rule)
    plain = readings(street.task, looks, rule=rule)
    numbers, right = decode(labels), right_digits(read, labels)
    correct = _same([one.number for one in read], numbers)
    before = _same([one.number for one in plain], numbers)
    confidence = torch.tensor([one.confidence for one in read], dtype=torch.float64)
    unsure = torch.tensor([one.confidence for one in plain], dtype=torch.float64)
    logs = log_probability(street.task, looks, labels, temperature)
    sayable = logs.isfinite()
    places, (curve, goal) = by_place(right, labels), coverage_curve(confidence, correct)
    order = confidence.argsort(descending=True, stable=True)
    count, hits = len(part), int(correct.sum())
    digits = [sum(place.count for place in places), sum(p.correct for p in places)]
    return NumberEvaluation(
        split=split,
        data=dataset.name,
        sha256=dataset.sha256,
        count=count,
        images_per_second=count / seconds,
        processor=machine.processor(),
        shown=_in_words(recipe, margins),
        input_size=conditions.resize or street.input_size,
        looks=len(margins),
        decode=rule,
        correct=hits,
        accuracy=hits / count,
        interval=wilson_interval(hits, count),
        digit_accuracy=digits[1] / digits[0],
        loss=-float(logs[sayable].mean()) if sayable.any() else 0.0,
        temperature=temperature,
        calibration_error=confidence_error(confidence, correct),
        calibration_error_before=confidence_error(unsure, before),
        longest=longest(street.task, looks[0]),
        too_long=int((~sayable).sum()),
        places=places,
        lengths=by_length(correct, labels),
        sizes=by_size(correct, part.boxes, part.sizes),
        coverage=curve,
        at_goal=goal,
        min_confidence=conditions.min_confidence,
        answered=Group.of("answered", correct[confidence >= conditions.min_confidence]),
        mistakes=tuple(
            Mistake(
                index=i,
                file=part.files[i] if part.files else None,
                true=numbers[i],
                predicted=read[i].number,
                confidence=read[i].confidence,
                confidence_of_true=float(logs[i].exp()),
            )
            for i in order.tolist()
            if not correct[i]
        ),
    ), part


def labelled(street: StreetRun, dataset: Dataset, split: SplitName) -> Split:
    """The split, if its numbers are known.

    Raises:
        DataError: they are not.
    """
    if split not in dataset.unlabelled:
        part = dataset.split(split)
        if part.labelled:
            return part
    raise DataError(
        f"{dataset.name}: nobody has told the numbers of its {split} pictures, so "
        f"nothing can be measured on them; 'convatlas submit {street.run.path} --data "
        f"{dataset.name}' writes them down for the contest"
    )


def shown_as(street: StreetRun, conditions: Conditions) -> tuple[Recipe, Margins]:
    """What is shown of the pictures, and the margins of the looks."""
    recipe = street.run.info.recipe
    if conditions.view is not None and conditions.view != recipe.view:
        recipe = recipe.changed(view=conditions.view)
    return recipe, conditions.margins or (None,)


def calibrate(street: StreetRun, own: Own) -> float:
    """Fits the run's temperature on its validation pictures and writes it down.

    They are shown as in training, once. Without these pictures the temperature is 1.
    """
    try:
        dataset = own()
    except MissingData:
        return 1.0
    part = dataset.validation
    looks, _ = street.answers(street.examples(part), street.run.info.recipe)
    fitted = fit_temperature(street.task, looks, part.labels)
    about = {"data": dataset.name, "split": "validation", **asdict(fitted)}
    save_calibration(street.run, about.pop("temperature"), about)
    return fitted.temperature


def draw_numbers(
    street: StreetRun,
    stem: str,
    figures: NumberEvaluation,
    part: Split,
    conditions: Conditions,
) -> tuple[Path, Path]:
    """The coverage curve and the surest mistakes as they were shown, into the run."""
    path, name = street.run.path, street.run.info.network["name"]
    low, high = figures.interval
    about = (
        f"{name} on {figures.data} ({figures.split}, {figures.shown}): "
        f"{figures.accuracy:.2%} of {figures.count:,} numbers "
        f"(95 %: {low:.2%} to {high:.2%})"
    )
    rows = [mistake.index for mistake in figures.mistakes[:SHOWN_MISTAKES]]
    views: Sequence[Tensor] = ()
    if rows:
        recipe, margins = shown_as(street, conditions)
        few = street.examples(part).taken(torch.tensor(rows, device=street.device))
        views = street_views.seen(
            few, recipe, figures.input_size, margins[0]
        ).images.unbind()
    points = [(one.coverage, one.accuracy) for one in figures.coverage]
    reached = None if figures.at_goal is None else figures.at_goal.coverage
    return (
        save(
            draw_coverage(points, GOAL, reached, about),
            path / f"{stem}-coverage.png",
        ),
        save(mistakes_sheet(figures.mistakes, views), path / f"{stem}-mistakes.png"),
    )


def words(run_view: str, conditions: Conditions) -> list[str]:
    """What is not as in training, for the names of files."""
    found: list[str] = []
    if conditions.view is not None and conditions.view != run_view:
        found.append(conditions.view)
    if conditions.margins:
        found.append("margin-" + "-".join(f"{100 * m:g}" for m in conditions.margins))
    if conditions.resize is not None:
        found.append("x".join(map(str, conditions.resize)))
    if conditions.decode != "blank":
        found.append(conditions.decode)
    return found


def _same(read: list[str], numbers: list[str]) -> Tensor:
    pairs = zip(read, numbers, strict=True)
    return torch.tensor([one == other for one, other in pairs])


def _in_words(recipe: Recipe, margins: Margins) -> str:
    if len(margins) == 1:
        return street_views.shown(recipe, margins[0])
    sides = ", ".join(f"{100 * margin:g}" for margin in margins if margin is not None)
    what = "true crops" if recipe.view == "number" else "whole pictures"
    return f"{what}, margins {sides} %"
