"""Figures of a run that finds the number in a picture."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from convatlas import machine, street_views
from convatlas.data.dataset import Dataset, Split, SplitName
from convatlas.errors import DataError
from convatlas.number_box import box_of, overlap, union
from convatlas.plots.figure import save
from convatlas.plots.found_boxes import FoundBox, draw_found
from convatlas.training.metrics import wilson_interval
from convatlas.verbs.evaluate.result import Figures
from convatlas.verbs.street_run import StreetRun

WORST, SPREAD = 16, 16  # pictures on the sheet: the worst, and evenly from all


@dataclass(frozen=True)
class Found:
    """A picture, its true box and the found one (left, top, right, bottom as shares of
    the picture), and their intersection over union."""

    index: int
    file: str | None
    true: tuple[float, ...]
    found: tuple[float, ...]
    iou: float


@dataclass(frozen=True)
class BoxEvaluation(Figures):
    """All figures of a run that finds numbers.

    Attributes:
        shown: what was judged, in words.
        mean_iou: mean intersection over union with the box around all digits.
        above_half: share of the pictures with more than .5.
        above_three_quarters: share with more than .75.
        interval: 95 % Wilson interval of ``above_half``.
        without_box: pictures that have no box and are not counted.
        pictures: all that are counted, worst first.
    """

    shown: str
    mean_iou: float
    above_half: float
    above_three_quarters: float
    interval: tuple[float, float]
    without_box: int
    pictures: tuple[Found, ...]


def evaluate_boxes(
    street: StreetRun, dataset: Dataset, split: SplitName
) -> tuple[BoxEvaluation, Split]:
    """Looks for the number in every whole picture of a split.

    Raises:
        DataError: a split without boxes.
    """
    part, recipe = dataset.split(split), street.run.info.recipe
    known = torch.zeros(len(part), dtype=torch.bool)
    if part.boxes is not None:
        known = part.boxes.isfinite().all(2).any(1)
    if part.boxes is None or not known.any():
        raise DataError(
            f"{dataset.name}: nobody has told where the digits of its {split} pictures "
            "are, so nothing can be measured on them"
        )
    rows, pictures = known.nonzero().flatten(), street.examples(part)
    if len(rows) < len(part):
        pictures = pictures.taken(rows.to(street.device))
    looks, seconds = street.answers(pictures, recipe)
    found = box_of(looks[0]).clamp(0, 1)
    true = union(part.boxes[rows])
    iou = overlap(found, true)[0].double()
    half = iou > 0.5
    return BoxEvaluation(
        split=split,
        data=dataset.name,
        sha256=dataset.sha256,
        count=len(rows),
        images_per_second=len(rows) / seconds,
        processor=machine.processor(),
        shown=street_views.shown(recipe),
        mean_iou=float(iou.mean()),
        above_half=float(half.double().mean()),
        above_three_quarters=float((iou > 0.75).double().mean()),
        interval=wilson_interval(int(half.sum()), len(rows)),
        without_box=len(part) - len(rows),
        pictures=tuple(
            Found(
                index=int(rows[i]),
                file=part.files[rows[i]] if part.files else None,
                true=_edges(true[i]),
                found=_edges(found[i]),
                iou=float(iou[i]),
            )
            for i in iou.argsort(stable=True).tolist()
        ),
    ), part


def draw_boxes(
    street: StreetRun, stem: str, figures: BoxEvaluation, part: Split
) -> tuple[Path]:
    """A sheet of pictures with both boxes, into the run."""
    count = len(figures.pictures)
    places, others = {*range(min(WORST, count))}, count - WORST - 1
    if others >= 0:
        steps = range(SPREAD)
        places |= {WORST + round(i * others / (SPREAD - 1)) for i in steps}
    shown = [figures.pictures[place] for place in sorted(places)]
    title = (
        f"{street.run.info.network['name']} on {figures.data} ({figures.split}): mean "
        f"IoU {figures.mean_iou:.3f} of {figures.count:,}; the {min(WORST, count)} "
        "worst, then from worse to better: true (blue), found (orange)"
    )
    sheet = [
        FoundBox(
            part.images[one.index].numpy(),
            None if part.sizes is None else tuple(part.sizes[one.index].tolist()),
            one.true,
            one.found,
            one.iou,
        )
        for one in shown
    ]
    return (save(draw_found(sheet, title), street.run.path / f"{stem}-boxes.png"),)


def _edges(box: Tensor) -> tuple[float, ...]:
    return tuple(round(edge, 6) for edge in box.tolist())
