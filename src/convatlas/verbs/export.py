"""A run as an ONNX file that takes raw pixels."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_args

from convatlas import data
from convatlas.errors import ExportError, UsageError
from convatlas.exporting.graph import Graph, graph_of
from convatlas.exporting.onnx_file import (
    MOST_OFF,
    Runner,
    check,
    check_extra,
    difference,
    onnx_model,
)
from convatlas.exporting.pictures import score, shown
from convatlas.exporting.precision import Precision, half, integers
from convatlas.progress import Progress, silent
from convatlas.runs import Run
from convatlas.runs.atomic import write
from convatlas.runs.files import MODEL

if TYPE_CHECKING:
    import onnx

MOST_OFF_HALF = 3e-2  # of the largest answer: eleven bits a weight, many layers
CALIBRATION = 256  # training pictures
JUDGED = 2000  # validation pictures, at most
MOST_LOST = 0.05  # of the score; beyond that nobody wants the file


@dataclass(frozen=True)
class Kept:
    """What a coarser number format leaves of a score on validation pictures.

    Attributes:
        score: share of right answers, or mean intersection over union of boxes.
        before: the same in float32.
        count: pictures.
    """

    score: float
    before: float
    count: int


@dataclass(frozen=True)
class Converted:
    """A model in some precision, and how far it is from the network.

    Attributes:
        model: to be written.
        off: largest difference between its answers and those of torch.
        largest: the largest answer.
        kept: of int8 only.
    """

    model: "onnx.ModelProto"
    off: float
    largest: float
    kept: Kept | None = None


@dataclass(frozen=True)
class Exported:
    """A file, its size, its input, and how far its answers are from torch's."""

    path: Path
    size_bytes: int
    shape: tuple[int, int, int]
    output: str
    precision: Precision
    off: float
    largest: float
    kept: Kept | None


def export(
    run: Run | Path | str,
    out: Path | str | None = None,
    *,
    precision: Precision = "float32",
    data_dir: Path | None = None,
    progress: Progress = silent,
) -> Exported:
    """Writes a run as one ONNX file, after comparing its answers with torch's.

    The file takes N × channels × height × width, uint8, any N; what the run did to
    pictures in training is part of it (networks that read or find house numbers take
    pictures scaled to their input).

    Args:
        run: a run or its path.
        out: the file; ``model.onnx`` in the run when None.
        precision: ``"float32"``; ``"fp16"`` stores weights at half the size;
            ``"int8"`` computes in integers, calibrated on training pictures and
            measured on validation pictures of the run's data set.
        data_dir: where data sets lie.
        progress: told how far downloads and decoding are.

    Raises:
        MissingExtra: onnx or onnxscript is not installed.
        RunError: no trained weights, or a file that cannot be written.
        ExportError: a network that cannot be written, or a model that says something
            else than it.
    """
    if precision not in get_args(Precision):
        raise UsageError(
            f"precision = {precision!r}: one of {', '.join(get_args(Precision))}"
        )
    check_extra()
    run = run if isinstance(run, Run) else Run(run)
    path = run.path / MODEL if out is None else Path(out).expanduser()
    if path.is_dir() or path.suffix != ".onnx":
        raise UsageError(f"--out {path}: name a file that ends in .onnx")
    graph = graph_of(run)
    converted = convert(graph, precision, data_dir, progress)
    content = converted.model.SerializeToString()
    make_folder(path.parent)
    write(path, content)
    return Exported(
        path=path,
        size_bytes=len(content),
        shape=graph.shape,
        output=graph.output,
        precision=precision,
        off=converted.off,
        largest=converted.largest,
        kept=converted.kept,
    )


def convert(
    graph: Graph, precision: Precision, data_dir: Path | None, progress: Progress
) -> Converted:
    """The model of a graph in some precision; the arguments are those of ``export``.

    Raises:
        ExportError: it says something else than the network.
    """
    written = onnx_model(graph)
    compared = check(written.model, graph, MOST_OFF)
    if precision == "float32":
        return Converted(written.model, *compared)
    if precision == "fp16":
        model = half(written)
        return Converted(model, *check(model, graph, MOST_OFF_HALF))
    info = graph.run.info
    dataset = data.load(
        info.data["name"], folder=data_dir, shape=info.images.shape, progress=progress
    )
    calibration = shown(graph, dataset, dataset.train, CALIBRATION)
    model = integers(written, calibration.images)
    judged = shown(graph, dataset, dataset.validation, JUDGED)
    before = score(Runner(written.model), judged)
    kept = Kept(score(Runner(model), judged), before, len(judged))
    if kept.score < before - MOST_LOST:
        raise ExportError(
            f"{graph.run.path}: in int8 the score on {kept.count:,} validation "
            f"pictures falls from {before:.4f} to {kept.score:.4f}; nothing was "
            "written: use --precision fp16"
        )
    return Converted(model, *difference(model, graph), kept)


def make_folder(path: Path) -> None:
    """A folder and those that it lies in.

    Raises:
        UsageError: it cannot be made.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"--out {path}: cannot be made ({error.strerror or error})"
        ) from None
