"""A graph as an ONNX model, compared with torch before anybody gets it."""

import contextlib
import io
import logging
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from convatlas.errors import ExportError, MissingExtra
from convatlas.exporting.graph import Graph
from convatlas.onnx_runtime import session
from convatlas.training.tasks import CLASSES

if TYPE_CHECKING:
    import onnx

PACKAGES = ("onnx", "onnxscript")  # of the extra
INPUT, BATCH = "images", "batch"
MOST_OFF = 1e-3  # of the largest answer: rounding of float32 in another order
# where a node of the features comes from; of several networks, of any of them
FEATURES = re.compile(r"'network(\.networks\.\d+)?\.features")
COMPARED = 5  # pictures; another number than the graph was traced with


@dataclass(frozen=True)
class Written:
    """A model in float32, and the nodes that a coarser number format would hurt.

    Attributes:
        model: any number of pictures at a time.
        delicate: names of the nodes that are not of the features: pre-processing, the
            heads that read or find, the box.
    """

    model: "onnx.ModelProto"
    delicate: tuple[str, ...]


def onnx_model(graph: Graph) -> Written:
    """A graph as a model.

    Raises:
        MissingExtra: onnx or onnxscript is not installed.
        ExportError: a network that cannot be written.
    """
    check_extra()
    pictures = _pictures(graph, 2)  # torch takes a batch of one for a fixed size
    with _quiet():
        try:
            program = torch.onnx.export(
                graph.module,
                (pictures,),
                dynamo=True,
                external_data=False,
                input_names=[INPUT],
                output_names=[graph.output],
                dynamic_shapes=({0: torch.export.Dim(BATCH)},),
                verbose=False,
            )
        except Exception as error:  # torch.export has many kinds
            name = graph.run.info.network["name"]
            first = str(error).strip().splitlines()[0][:200]
            raise ExportError(
                f"{graph.run.path}: {name} cannot be written as ONNX ({first})"
            ) from None
    assert program is not None
    model = program.model_proto
    delicate = tuple(n.name for n in model.graph.node if _is_delicate(n, graph))
    _stripped(model)
    _describe(model, graph)
    return Written(model, delicate)


def check_extra() -> None:
    """Refuses to go on without the packages that only the export needs.

    Raises:
        MissingExtra: one of them is not installed.
    """
    for package in PACKAGES:
        try:
            import_module(package)
        except ImportError:
            raise MissingExtra("convatlas export", package, "export") from None


def difference(model: "onnx.ModelProto", graph: Graph) -> tuple[float, float]:
    """Largest difference between the answers of the model and of torch, and the
    largest answer, on pictures of noise; each alone, then all together."""
    pictures = _pictures(graph, COMPARED)
    with torch.inference_mode():
        expected = graph.module(pictures)
    answer = Runner(model)
    alone = torch.cat([answer(picture[None]) for picture in pictures])
    together = answer(pictures)
    off = max(float((one - expected).abs().max()) for one in (alone, together))
    return off, float(expected.abs().max())


def check(
    model: "onnx.ModelProto", graph: Graph, most_off: float = MOST_OFF
) -> tuple[float, float]:
    """``difference``, if it is small enough.

    Args:
        model: of the graph.
        graph: of a run.
        most_off: allowed, as a share of the largest answer (or of 1, if that is less).

    Raises:
        ExportError: the model says something else than the network.
    """
    off, largest = difference(model, graph)
    if not off <= most_off * max(1.0, largest):
        raise ExportError(
            f"{graph.run.path}: the ONNX model's answers are {off:.2g} off those of "
            f"torch (allowed are {most_off:g} of {max(1.0, largest):.3g}); nothing was "
            "written"
        )
    return off, largest


class Runner:
    """A model's answers to uint8 pictures, with ONNX Runtime."""

    def __init__(self, model: "onnx.ModelProto") -> None:
        self._session = session(model.SerializeToString())

    def __call__(self, pictures: Tensor) -> Tensor:
        answers = self._session.run(None, {INPUT: pictures.numpy()})[0]
        return torch.from_numpy(answers)


def _pictures(graph: Graph, count: int) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    shape = (count, *graph.shape)
    return torch.randint(0, 256, shape, generator=generator, dtype=torch.uint8)


def _is_delicate(node: "onnx.NodeProto", graph: Graph) -> bool:
    scopes = {entry.key: entry.value for entry in node.metadata_props}
    where = scopes.get("pkg.torch.onnx.name_scopes", "")
    if FEATURES.search(where):
        return False
    # the dense layers of a classifier are most of some networks, and not delicate
    return graph.task is not CLASSES or "'network" not in where


def _describe(model: "onnx.ModelProto", graph: Graph) -> None:
    """What the file says of itself, as texts."""
    info = graph.run.info
    classes = "left,top,right,bottom"
    if graph.output == "logits":
        # of a place of a number the last one is empty: there is no digit
        classes = ",".join(info.labels.names)
    best = graph.run.best_epoch()
    facts = {
        "network": info.network["name"],
        "answers": graph.output,
        "classes": classes,
        "data": info.data["name"],
        "sha256": info.data["sha256"],
        "licence": info.data["licence"],
        "convatlas": info.machine["convatlas"],
        "validation": "" if best is None else str(best.validation_accuracy),
    }
    for key, value in facts.items():
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value


def _stripped(model: "onnx.ModelProto") -> None:
    """Without the exporter's notes: lines of source with paths of this machine."""
    graph = model.graph
    values = (*graph.value_info, *graph.input, *graph.output, *graph.initializer)
    for part in (graph, *graph.node, *values):
        del part.metadata_props[:]
        part.doc_string = ""


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The exporter explains its own workings at length."""
    log = logging.getLogger("torch.onnx")
    level = log.level
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        log.setLevel(logging.ERROR)
        try:
            yield
        finally:
            log.setLevel(level)
