"""A run that tells classes, as an ONNX file: uploads to answers."""

import asyncio
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from convatlas.digit_photo import as_mnist
from convatlas.errors import DataError
from convatlas.picture_files import scaled_pixels
from convatlas.reading.onnx_network import OnnxNetwork
from convatlas.runs.info import RunInfo
from convatlas.serve.batches import Batches
from convatlas.serve.faults import Fault
from convatlas.serve.settings import Settings
from convatlas.serve.uploads import Upload

SMALL = 8192  # bytes of a picture that is decoded together with others

Pixels = NDArray[np.uint8]
Probabilities = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Classifier:
    """What a run says to pictures.

    Attributes:
        network: its ONNX file, pixels to logits.
        info: of the run.
        settings: of the server.
    """

    network: OnnxNetwork
    info: RunInfo
    settings: Settings

    @classmethod
    def of(cls, model: Path, info: RunInfo, settings: Settings) -> "Classifier":
        """Opens an ONNX file.

        Raises:
            ReaderError: it cannot be used.
        """
        return cls(OnnxNetwork(model), info, settings)

    def prepared(self, upload: Upload) -> Pixels:
        """A picture as the run's training pictures were: C H W.

        Raises:
            Fault: it cannot be read, or is blank where a digit was expected.
        """
        spec = self.info.images
        mode: Literal["L", "RGB"] = "L" if spec.channels == 1 else "RGB"
        image = upload.image(self.settings, mode)
        if not self.info.data["centred_digits"]:
            return scaled_pixels(image, (spec.height, spec.width))
        try:
            return as_mnist(np.asarray(image))[None]
        except DataError as error:
            raise Fault(422, "picture_blank", f"{upload.name}: {error}") from None

    def probabilities(self, pictures: Sequence[Pixels]) -> Probabilities:
        """Of each class for each picture, N × classes.

        Raises:
            Fault: the network answers something that is no number.
        """
        logits = self.network(np.stack(pictures)).astype(np.float64)
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        probabilities: Probabilities = shares / shares.sum(axis=1, keepdims=True)
        if not np.isfinite(probabilities).all():
            raise Fault(
                422, "run_unusable", "the run's answers are no numbers; train it anew"
            )
        return probabilities

    def answers(
        self, uploads: Sequence[Upload | Pixels]
    ) -> Sequence[Probabilities | Exception]:
        """What is said to each, or why nothing is.

        Args:
            uploads: files, or pictures that are prepared already.
        """
        pictures: list[Pixels] = []
        results: list[Probabilities | Exception | None] = []
        for upload in uploads:
            try:
                ready = self.prepared(upload) if isinstance(upload, Upload) else upload
            except Fault as fault:
                results.append(fault)
                continue
            pictures.append(ready)
            results.append(None)
        found = iter(self.probabilities(pictures) if pictures else ())
        return [next(found) if one is None else one for one in results]


class Predictor:
    """A classifier that many requests ask at a time.

    Args:
        classifier: that answers.
        decoding: threads for pictures that take long to decode.
        answering: the thread that works on batches.
    """

    def __init__(
        self, classifier: Classifier, decoding: Executor, answering: Executor
    ) -> None:
        self._classifier = classifier
        self._decoding = decoding
        self._batches: Batches[Upload | Pixels, Probabilities] = Batches(
            classifier.answers, answering
        )

    async def probabilities(self, upload: Upload) -> Probabilities:
        """Of each class.

        Raises:
            Fault: the picture cannot be read, or shows nothing.
        """
        if len(upload.content) <= SMALL:
            return await self._batches.ask(upload)
        loop = asyncio.get_running_loop()
        prepared = self._classifier.prepared
        pixels = await loop.run_in_executor(self._decoding, prepared, upload)
        return await self._batches.ask(pixels)
