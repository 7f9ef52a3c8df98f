"""The ONNX networks of what is served: ready, being made, or impossible."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from convatlas.errors import ConvatlasError, ReaderError
from convatlas.reading.bundle import shipped_bundle
from convatlas.reading.onnx_network import OnnxNetwork
from convatlas.reading.reader import Looks, PlaceByPlace, Reader
from convatlas.runs.calibration import temperature_in
from convatlas.runs.info import RunInfo
from convatlas.serve.classifier import Classifier, Predictor
from convatlas.serve.exports import Exports, own_model
from convatlas.serve.faults import Fault
from convatlas.serve.settings import Settings
from convatlas.serve.subjects import Subject
from convatlas.spec import NONE

Model = Predictor | Reader
PREPARING_SECONDS = 5  # after which it is worth asking again
CLASSES_OF_A_PLACE = NONE + 1


class Models:
    """One model for each subject that answers.

    Args:
        settings: of the server.
        decoding: threads for pictures.
    """

    def __init__(self, settings: Settings, decoding: Executor) -> None:
        self._settings = settings
        self._decoding = decoding
        self._answering = ThreadPoolExecutor(1, "answers")
        self._ready: dict[str, Model] = {}
        self._why_not: dict[str, str] = {}
        self._preparing: dict[str, asyncio.Task[None]] = {}
        self._exports: Exports | None = None

    def open(self, subject: Subject) -> None:
        """Makes a subject's model ready, at once or in the background."""
        if subject.answers == "box":
            self._why_not[subject.id] = (
                f"{subject.id} finds where a number is and says nothing of it"
            )
        elif not subject.trained:
            self._why_not[subject.id] = f"{subject.id} has no trained weights yet"
        elif subject.bundle is not None:
            bundle = subject.bundle
            self._keep(subject, lambda: bundle.open())
        elif (model := own_model(subject.folder, trusted=subject.built_in)) is not None:
            self._keep(subject, lambda: self._opened(subject, model))
        else:
            task = asyncio.get_running_loop().create_task(self._prepare(subject))
            self._preparing[subject.id] = task

    def predictor(self, subject: Subject) -> Predictor:
        """Of a run that tells classes.

        Raises:
            Fault: 422, it does something else; 503, it is not ready yet.
        """
        if subject.answers == "number":
            raise _elsewhere(subject, "reads_numbers", "/v1/read")
        model = self._model(subject)
        assert isinstance(model, Predictor)
        return model

    def reader(self, subject: Subject) -> Reader:
        """Of a run or bundle that reads numbers.

        Raises:
            Fault: 422, it does something else; 503, it is not ready yet.
        """
        if subject.answers == "class":
            raise _elsewhere(subject, "tells_classes", "/v1/predict")
        model = self._model(subject)
        assert isinstance(model, Reader)
        return model

    def states(self) -> dict[str, str]:
        """For each id: ready, preparing, or why there will be no answer."""
        ready = dict.fromkeys(self._ready, "ready")
        return {**ready, **dict.fromkeys(self._preparing, "preparing"), **self._why_not}

    def preparing(self) -> bool:
        """Whether something is still made ready."""
        return bool(self._preparing)

    def close(self) -> None:
        """Stops what is being made; waits for what is being answered."""
        for task in self._preparing.values():
            task.cancel()
        if self._exports is not None:
            self._exports.close()
        self._answering.shutdown()

    def _model(self, subject: Subject) -> Model:
        model = self._ready.get(subject.id)
        if model is not None:
            return model
        if subject.id in self._preparing:
            raise Fault(
                503,
                "run_preparing",
                f"{subject.id} is being made ready; come back",
                PREPARING_SECONDS,
            )
        why = self._why_not.get(subject.id, f"{subject.id} has no model")
        raise Fault(422, "run_unusable", why)

    def _keep(self, subject: Subject, opened: Callable[[], Model]) -> None:
        try:
            self._ready[subject.id] = opened()
            self._why_not.pop(subject.id, None)
        except ConvatlasError as error:
            self._why_not[subject.id] = " ".join(str(error).split())

    async def _prepare(self, subject: Subject) -> None:
        try:
            if self._exports is None:
                self._exports = Exports()
            model = await self._exports.make(subject.folder, subject.id)
            self._keep(subject, lambda: self._opened(subject, model))
        except (ConvatlasError, OSError) as error:
            self._why_not[subject.id] = " ".join(str(error).split())
        finally:
            self._preparing.pop(subject.id, None)

    def _opened(self, subject: Subject, model: Path) -> Model:
        assert subject.info is not None
        if subject.answers == "class":
            classifier = Classifier.of(model, subject.info, self._settings)
            return Predictor(classifier, self._decoding, self._answering)
        return _reader(subject.folder, subject.info, OnnxNetwork(model))


def _elsewhere(subject: Subject, does: str, route: str) -> Fault:
    """A subject was asked for what it does not do."""
    return Fault(
        422,
        does,
        f"{subject.id} {does.replace('_', ' ')}: POST the picture to "
        f"{route}?run={subject.id}",
    )


def _reader(folder: Path, info: RunInfo, network: OnnxNetwork) -> Reader:
    """A run that reads, looking as its validation pictures were shown.

    A run that learned from cut-out numbers gets the finder of the package.

    Raises:
        ReaderError: its answers are not place by place.
    """
    shape: tuple[Any, ...] = network.answer_shape
    if len(shape) != 3 or shape[2] != CLASSES_OF_A_PLACE:
        name = info.network["name"]
        raise ReaderError(
            f"{name} does not say numbers place by place, which the server needs; "
            f"'convatlas read PICTURE --run {folder.name}' reads with it"
        )
    tell = PlaceByPlace(network, temperature_in(folder) or 1.0)
    if info.recipe.view != "number":
        return Reader(Looks(network.size, margins=(0.0,)), tell)
    bundle = shipped_bundle()
    looks = Looks(
        network.size,
        margins=(info.recipe.margin,),
        finder_size=bundle.looks.finder_size,
        again=bundle.looks.again,
    )
    return Reader(looks, tell, bundle.open().finders)
