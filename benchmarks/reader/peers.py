"""Ready-made readers, each as its documentation shows, on one thread.

    python -m benchmarks.reader.peers NAME FILE

FILE holds the names of pictures as a JSON list; what was said is the last line of the
output. Runs in an environment that has these libraries and not convatlas.
"""

import json
import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.reader.answers import Confidence, Reader, ask, stay_on_one_core

MEGA = 1e6


class RapidOcr:
    """RapidOCR 3 with the models of its wheel."""

    def __init__(self, detector: bool) -> None:
        import rapidocr

        engine = "EngineConfig.onnxruntime"
        self._engine = rapidocr.RapidOCR(
            params={
                f"{engine}.intra_op_num_threads": 1,
                f"{engine}.inter_op_num_threads": 1,
                "Global.log_level": "critical",
            }
        )
        self._detector = detector
        # found before it is asked: it downloads what its wheel lacks
        models = Path(rapidocr.__file__).parent / "models"
        parts = ("det", "cls", "rec") if detector else ("rec",)
        files = [only(models, f"*_{part}_*.onnx") for part in parts]
        names = ", ".join(file.stem for file in files)
        self.megabytes = sum(file.stat().st_size for file in files) / MEGA
        self.version = f"{version('rapidocr')} ({names})"
        self.how = "use_det=False, use_cls=False"
        if detector:
            self.how = "as it comes; of what it finds, the surest text with a digit"

    def read(self, image: Image.Image) -> tuple[str, float | None]:
        """The line, or of several lines the surest that holds a digit."""
        if self._detector:
            found = self._engine(image, use_det=True, use_cls=True, use_rec=True)
        else:
            found = self._engine(image, use_det=False, use_cls=False, use_rec=True)
        texts, scores = found.txts or (), found.scores or ()
        lines = [
            (float(score), text)
            for text, score in zip(texts, scores, strict=True)
            if any(sign.isdigit() for sign in text)
        ]
        score, text = max(lines, default=(0.0, ""))
        return text, score


class DdddOcr:
    """ddddocr's newer model."""

    def __init__(self) -> None:
        import ddddocr
        import onnxruntime

        self._reader = ddddocr.DdddOcr(beta=True, show_ad=False)
        model = Path(ddddocr.__file__).parent / "common.onnx"
        # it offers no way to say how many threads: the same file, opened again
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._reader.ocr_engine.session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )
        self.megabytes = model.stat().st_size / MEGA
        self.version = version("ddddocr")
        self.how = "beta=True; its digits"

    def read(self, image: Image.Image) -> tuple[str, float | None]:
        """The text alone: ``probability=True`` takes a list of thousands a column."""
        return self._reader.classification(image), None

    def confidence(self, image: Image.Image) -> float:
        """Its mean over the columns of the likeliest sign's probability."""
        return float(self._reader.classification(image, probability=True)["confidence"])


class Tesseract:
    """Tesseract's program, started for every picture."""

    def __init__(self) -> None:
        import pytesseract

        os.environ["OMP_THREAD_LIMIT"] = "1"
        self._tesseract = pytesseract
        self._config = "--psm 7 -c tessedit_char_whitelist=0123456789"
        self.version = str(pytesseract.get_tesseract_version())
        self.how = "--psm 7, whitelist of digits; a process for every picture"
        self.megabytes = _traineddata().stat().st_size / MEGA

    def read(self, image: Image.Image) -> tuple[str, float | None]:
        """The words of the line; the least sure word counts."""
        words = self._tesseract.image_to_data(
            image, config=self._config, output_type=self._tesseract.Output.DICT
        )
        said = [
            (text, float(sure))
            for text, sure in zip(words["text"], words["conf"], strict=True)
            if text.strip()
        ]
        sure = min((sure for _, sure in said), default=0.0)
        return "".join(text for text, _ in said), sure / 100


def _traineddata() -> Path:
    """Of English, in the folder that the program names."""
    done = subprocess.run(
        ["tesseract", "--list-langs"], capture_output=True, text=True, check=True
    )
    folder = re.search(r'"(.+)"', done.stdout + done.stderr)
    if folder is None:
        raise SystemExit(f"tesseract names no folder of languages: {done.stdout!r}")
    return Path(folder[1]) / "eng.traineddata"


def only(folder: Path, pattern: str) -> Path:
    """The one file of that name."""
    files = sorted(folder.glob(pattern))
    if len(files) != 1:
        raise SystemExit(f"{folder}: {len(files)} files {pattern}, wanted is one")
    return files[0]


def made(name: str) -> tuple[Reader, Confidence | None]:
    """A reader by name, and what tells its confidence where reading does not."""
    if name == "ddddocr":
        reader = DdddOcr()
        return reader, reader.confidence
    if name == "tesseract":
        return Tesseract(), None
    return RapidOcr(detector=name == "rapidocr-detector"), None


def main() -> None:
    """Reads and prints."""
    name, listed = sys.argv[1:]
    stay_on_one_core()
    files = [Path(file) for file in json.loads(Path(listed).read_text())]
    reader, confidence = made(name)
    print(json.dumps(ask(reader, files, confidence).to_json(), default=_plain))


def _plain(value: Any) -> Any:
    """Numbers of numpy as Python's."""
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"{value!r} is no plain value")


if __name__ == "__main__":
    main()
