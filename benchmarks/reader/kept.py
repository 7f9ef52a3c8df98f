"""What sides have said, kept in files, so that no side is asked twice."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from benchmarks.reader.answers import Said
from convatlas import reading
from convatlas.reading.bundle import NOTE, READER, load_bundle
from convatlas.runs.atomic import write_json


@dataclass(frozen=True)
class Kept:
    """What a side said, and when.

    Attributes:
        said: all of it.
        processor: that it ran on.
        load: of the machine when it began.
        date: of that day.
    """

    said: Said
    processor: str
    load: float
    date: str


def load(path: Path) -> Kept | None:
    """What is kept there, if anything is."""
    if not path.is_file():
        return None
    plain = json.loads(path.read_text(encoding="utf-8"))
    return Kept(**{**plain, "said": Said.from_json(plain["said"])})


def save(path: Path, kept: Kept) -> None:
    """Replaces the file in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, {**vars(kept), "said": kept.said.to_json()})


def of_bundle(folder: Path) -> str:
    """A digest of a reader bundle and of the code that reads with it."""
    code = sorted(Path(reading.__path__[0]).glob("*.py"))
    networks = load_bundle(folder).finder_files
    return _digest([*networks, folder / READER, folder / NOTE, *code])


def _digest(files: Iterable[Path]) -> str:
    whole = hashlib.sha256()
    for file in files:
        whole.update(hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()
