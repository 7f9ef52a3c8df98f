"""Runs as a reader bundle: some find, some read, without torch."""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from convatlas.data.catalogue import judged_by
from convatlas.data.dataset import SplitName
from convatlas.errors import UsageError
from convatlas.exporting.graph import Graph, graph_of
from convatlas.exporting.onnx_file import check_extra
from convatlas.exporting.precision import Precision
from convatlas.exporting.reader_card import reader_card
from convatlas.exporting.reader_figures import (
    answers_of,
    figures,
    fitted_temperature,
)
from convatlas.exporting.street_files import street_pictures
from convatlas.progress import Progress, silent
from convatlas.reading.answers import Combine
from convatlas.reading.bundle import CARD, NOTE, READER, Bundle, load_bundle
from convatlas.reading.reader import Looks
from convatlas.runs import Run
from convatlas.runs.atomic import write, write_json
from convatlas.spec import Rule
from convatlas.training.tasks import DigitsTask
from convatlas.verbs.export import Converted, convert, make_folder
from convatlas.verbs.run_reader import finding_run, reading_run

MARGINS = (0.1, 0.2, 0.35)
TURNS = (0.0,)


@dataclass(frozen=True)
class ExportedReader:
    """A bundle, the size of its networks, and what the export found out."""

    bundle: Bundle
    size_bytes: int
    finders: tuple[Converted, ...]
    reader: Converted


def export_reader(
    run: Path | str | Sequence[Path | str],
    finder: Path | str | Sequence[Path | str],
    out: Path | str,
    *,
    precision: Precision = "float32",
    margins: Sequence[float] = MARGINS,
    turns: Sequence[float] = TURNS,
    again: Sequence[float] = (),
    every_box: bool = False,
    combine: Combine = "mean",
    rule: Rule = "likeliest",
    test: bool = False,
    data_dir: Path | None = None,
    progress: Progress = silent,
) -> ExportedReader:
    """Writes a folder that ``convatlas read`` reads with.

    It is measured on the validation pictures of the reading run's data set, from their
    files; its temperature is fitted there.

    Args:
        run: that reads cut-out numbers, place by place; of several, alike but for
            their seeds or recipes, the answers are averaged.
        finder: that finds them; several find each for itself, so there are more looks.
        out: the folder; a bundle that is there already is replaced.
        precision: see ``export``.
        margins: see ``Looks``.
        turns: see ``Looks``.
        again: see ``Looks``.
        every_box: see ``Looks``.
        combine: how several looks become one number.
        rule: how long a number is where nobody says it.
        test: measure on the test pictures, too; once, for the reader that is kept.
        data_dir: where data sets lie.
        progress: told how far reading is.

    Raises:
        MissingExtra: onnx or onnxscript is not installed.
        UsageError: runs that do not do this; a folder that holds something else.
        ExportError: see ``export``.
        MissingData: its pictures are not there.
    """
    check_extra()
    out = Path(out).expanduser()
    _check(out, margins, turns, again)
    finders = [finding_run(path) for path in _several(finder)]
    readers = [_reading(path) for path in _several(run)]
    finding, reading = [graph_of(one) for one in finders], graph_of(*readers)
    finder_size, *sizes = [_size(graph) for graph in finding]
    if any(size != finder_size for size in sizes):
        raise UsageError(
            f"finders of different inputs ({finder_size}, {sizes}): they look at the "
            "same picture and must take the same size"
        )
    found = tuple(convert(graph, precision, data_dir, progress) for graph in finding)
    read = convert(reading, precision, data_dir, progress)
    looks = Looks(
        reader_size=_size(reading),
        margins=tuple(margins),
        turns=tuple(turns),
        finder_size=finder_size,
        again=tuple(again),
        every_box=every_box,
    )
    places = read.model.graph.output[0].type.tensor_type.shape.dim[1].dim_value
    about = {
        "finders": [_origin(one) for one in finders],
        "readers": [_origin(one) for one in readers],
        "precision": precision,
        "licence": readers[0].info.data["licence"],
        "convatlas": version("convatlas"),
        "figures": [],
    }
    part = out.with_name(f".{out.name}.{os.getpid()}")
    make_folder(part)
    try:
        bundle = Bundle(
            part, looks, places, 1.0, combine, rule, finders=len(found), about=about
        )
        networks = [*bundle.finder_files, part / READER]
        for file, one in zip(networks, (*found, read), strict=True):
            write(file, one.model.SerializeToString())
        bundle = _measured(bundle, readers[0], test, data_dir, progress)
        size_bytes = sum(file.stat().st_size for file in networks)
        write(part / CARD, reader_card(bundle, size_bytes).encode())
        write_json(part / NOTE, bundle.to_json())
        make_folder(out)
        for old in out.glob("finder-*.onnx"):
            old.unlink()
        for file in (*networks, part / CARD, part / NOTE):
            file.replace(out / file.name)
    finally:
        shutil.rmtree(part)
    return ExportedReader(load_bundle(out), size_bytes, found, read)


def _several(run: Path | str | Sequence[Path | str]) -> Sequence[Path | str]:
    return [run] if isinstance(run, Path | str) else run


def _reading(path: Path | str) -> Run:
    run, task = reading_run(path)
    if not isinstance(task, DigitsTask):
        raise UsageError(
            f"{path}: {run.info.network['name']} does not answer place by place; a "
            "reader needs a head that does (attention or digits)"
        )
    return run


def _measured(
    bundle: Bundle,
    run: Run,
    test: bool,
    data_dir: Path | None,
    progress: Progress,
) -> Bundle:
    """With the temperatures and figures that its own data set gives it."""
    name = judged_by(run.info.data["name"])
    readers = bundle.open(threads=0), bundle.open(threads=0, whole=True)
    told: list[dict[str, Any]] = []
    fitted: list[float] = []
    splits: list[SplitName] = ["validation", "test"] if test else ["validation"]
    for split in splits:
        pictures = street_pictures(name, split, data_dir, progress)
        answers = answers_of(*readers, pictures)
        if split == "validation":
            fitted = [fitted_temperature(one, bundle.combine) for one in answers]
            bundle = replace(
                bundle,
                temperature=fitted[0],
                cut_temperature=fitted[1] if len(fitted) > 1 else None,
            )
        for one, temperature in zip(answers, fitted, strict=True):
            values = figures(one, temperature, bundle.combine, bundle.rule)
            told.append({"data": name, "split": split, **values})
    return replace(bundle, about={**bundle.about, "figures": told})


def _check(
    out: Path, margins: Sequence[float], turns: Sequence[float], again: Sequence[float]
) -> None:
    if not margins or any(not -0.5 < margin <= 2 for margin in margins):
        raise UsageError(f"margins = {margins}: one or more, from -0.5 to 2")
    if not turns or any(not -90 <= turn <= 90 for turn in turns):
        raise UsageError(f"turns = {turns}: one or more, in degrees, from -90 to 90")
    if any(not 1 <= zoom <= 10 for zoom in again):
        raise UsageError(f"again = {again}: how much more to show, from 1 to 10")
    if out.exists() and not out.is_dir():
        raise UsageError(f"--out {out}: is a file; a reader is a folder")
    if out.is_dir() and any(out.iterdir()) and not (out / NOTE).is_file():
        raise UsageError(
            f"--out {out}: holds other things than a reader; name a new folder"
        )


def _size(graph: Graph) -> tuple[int, int]:
    _, height, width = graph.shape
    return height, width


def _origin(run: Run) -> dict[str, Any]:
    info = run.info
    return {
        "network": info.network["name"],
        "data": info.data["name"],
        "sha256": info.data["sha256"],
        "train": info.data["train"],
        "seed": info.seed,
        "epochs": info.recipe.epochs,
        "started_from_weights": bool(info.recipe.weights),
    }
