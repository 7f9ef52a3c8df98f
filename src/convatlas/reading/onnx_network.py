"""A network in an ONNX file that takes raw pixels."""

from pathlib import Path

from convatlas.errors import ReaderError
from convatlas.onnx_runtime import session
from convatlas.reading.answers import Floats
from convatlas.reading.windows import Pixels, Size


class OnnxNetwork:
    """A session with one input, N × channels × height × width, uint8.

    Args:
        path: of the file.
        threads: that one call may use; 0 takes all cores.

    Raises:
        ReaderError: no such file, or none that ONNX Runtime can run.
    """

    def __init__(self, path: Path, threads: int = 1) -> None:
        if not path.is_file():
            raise ReaderError(f"{path}: is not there; 'convatlas export' makes it")
        try:
            self._session = session(str(path), threads)
        except Exception as error:  # ONNX Runtime has a dozen kinds, none a subclass
            first = " ".join(str(error).split())[:200]
            raise ReaderError(f"{path}: cannot be used ({first})") from None
        self._input = self._session.get_inputs()[0]

    def __call__(self, images: Pixels) -> Floats:
        answers: Floats = self._session.run(None, {self._input.name: images})[0]
        return answers

    @property
    def size(self) -> Size:
        """Height and width of the pictures that it takes."""
        _, _, height, width = self._input.shape
        return height, width

    @property
    def answer_shape(self) -> tuple[int | str | None, ...]:
        """Of what it gives; a name stands for any number."""
        return tuple(self._session.get_outputs()[0].shape)

    @property
    def about(self) -> dict[str, str]:
        """What the export wrote into the file: classes, terms, origin."""
        return dict(self._session.get_modelmeta().custom_metadata_map)
