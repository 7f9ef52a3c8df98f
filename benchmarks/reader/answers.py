"""What a reader said of pictures, on every side alike.

Imports nothing of convatlas, since the peers' environment has none.
"""

import os
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any, Protocol

from PIL import Image

WARMING = 3  # pictures that are read before the clock counts


@dataclass(frozen=True)
class Answer:
    """Of one picture.

    Attributes:
        text: as the reader gave it.
        confidence: as the reader gave it, any scale; None where it gave none.
        milliseconds: from the file to the text, decoding included.
    """

    text: str
    confidence: float | None
    milliseconds: float

    @property
    def number(self) -> str:
        """Its digits."""
        return digits_of(self.text)


@dataclass(frozen=True)
class Said:
    """All that one side has to say.

    Attributes:
        version: of what it runs on.
        how: it was asked, in words.
        megabytes: of the model files that it used.
        answers: a picture each, in order.
        faults: messages of pictures that it could not read.
    """

    version: str
    how: str
    megabytes: float
    answers: tuple[Answer, ...]
    faults: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Plain values."""
        return asdict(self)

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> "Said":
        """Out of plain values."""
        answers = tuple(Answer(**one) for one in plain["answers"])
        return cls(**{**plain, "answers": answers, "faults": tuple(plain["faults"])})


class Reader(Protocol):
    """A library that reads pictures."""

    version: str
    how: str
    megabytes: float

    def read(self, image: Image.Image) -> tuple[str, float | None]:
        """The text of an RGB picture, and how sure it is of that."""


Confidence = Callable[[Image.Image], float]


def digits_of(text: str) -> str:
    """The digits 0 to 9 of a text, also of full-width and circled ones."""
    plain = unicodedata.normalize("NFKC", text)
    return "".join(sign for sign in plain if sign in "0123456789")


def ask(
    reader: Reader, files: Sequence[Path], confidence: Confidence | None = None
) -> Said:
    """Shows pictures to a reader, one after the other.

    Args:
        reader: a picture that it raises an error for has no answer.
        files: of the pictures.
        confidence: asked off the clock where ``read`` tells none.
    """
    for file in files[:WARMING]:
        _one(reader, file, None, [])
    faults: list[str] = []
    answers = [_one(reader, file, confidence, faults) for file in files]
    return Said(
        reader.version, reader.how, reader.megabytes, (*answers,), tuple(faults)
    )


def _one(
    reader: Reader, file: Path, confidence: Confidence | None, faults: list[str]
) -> Answer:
    text, sure = "", None
    started = perf_counter()
    with Image.open(file) as opened:
        image = opened.convert("RGB")
    try:
        text, sure = reader.read(image)
    except Exception as error:  # a peer may raise anything; the next picture goes on
        faults.append(f"{file.name}: {type(error).__name__}: {error}")
    milliseconds = 1000 * (perf_counter() - started)
    if sure is None and text and confidence is not None:
        sure = confidence(image)
    return Answer(text, sure, milliseconds)


def stay_on_one_core() -> None:
    """Ties this process and what it starts to one core, where the system can."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
