"""SVHN, the full form: street photos with the boxes of all digits of the number.

Folders ``train``, ``test`` and ``extra``, each with pictures and ``digitStruct.mat``,
as the official archives hold them; in ``SVHN/``, in ``house-numbers/`` or directly in
the data folder.
"""

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path

import numpy as np

from convatlas.data.dataset import Dataset
from convatlas.data.digit_struct import read_digit_struct
from convatlas.data.entry import Entry, RemoteFile
from convatlas.data.location import cache_folder
from convatlas.data.mchar import LICENCE, SPEC
from convatlas.data.numbered import (
    SHAPE,
    Box,
    NumberedPicture,
    NumberList,
    number_dataset,
    pictures_in,
)
from convatlas.errors import DataError
from convatlas.picture_names import natural_key
from convatlas.progress import Progress
from convatlas.whole_files import whole_file

PLACES = ("SVHN/", "house-numbers/", "")
ADDRESS = "http://ufldl.stanford.edu/housenumbers/"
# bytes, since Stanford publishes no checksums
SIZES = {"train": 404_141_560, "test": 276_555_967, "extra": 1_955_489_752}
HELD_OUT = {"train": 4_000, "extra": 2_000}  # pictures that validate
STRUCT = "digitStruct.mat"
FORMAT = 1  # of what is kept of a digitStruct.mat

Labels = dict[str, tuple[str, tuple[Box, ...]]]


def read(folder: Path, progress: Progress, *, extra: bool) -> Dataset:
    """Opens the full pictures.

    Args:
        folder: that holds data sets.
        progress: told how far reading is.
        extra: whether the 202,353 easier pictures are trained on as well.

    Raises:
        MissingExtra: h5py is not installed.
        DataError: files that are broken.
    """
    return number_dataset(
        "svhn-numbers-extra" if extra else "svhn-numbers",
        list_numbers(folder, progress, extra=extra),
        SPEC,
        licence=LICENCE,
        cache=cache_folder(folder),
        progress=progress,
    )


def list_numbers(folder: Path, progress: Progress, *, extra: bool) -> NumberList:
    """The pictures with their numbers; validation is held out of what trains."""
    train: list[NumberedPicture] = []
    validation: list[NumberedPicture] = []
    missing: list[str] = []
    unlisted: list[str] = []
    tests: tuple[NumberedPicture, ...] = ()
    for part in ("train", "extra", "test") if extra else ("train", "test"):
        where, labels = _place(folder, part), _labels(folder, part, progress)
        there = {path.name for path in pictures_in(where)}
        items = [
            NumberedPicture(where / name, f"{part}/{name}", *labels[name])
            for name in sorted(labels.keys() & there, key=natural_key)
        ]
        if not items:
            raise DataError(
                f"{where}: holds none of the {len(labels):,} pictures that {STRUCT} "
                "lists"
            )
        missing += [f"{part}/{name}" for name in sorted(labels.keys() - there)]
        unlisted += [f"{part}/{name}" for name in sorted(there - labels.keys())]
        if part == "test":
            tests = tuple(items)
            continue
        held = _held_out(labels, HELD_OUT[part])
        train += [item for item in items if item.path.name not in held]
        validation += [item for item in items if item.path.name in held]
    return NumberList(
        splits={"train": tuple(train), "validation": tuple(validation), "test": tests},
        missing=tuple(missing),
        unlisted=tuple(unlisted),
    )


def remote(parts: Iterable[str]) -> tuple[RemoteFile, ...]:
    """The official archives."""
    return tuple(
        RemoteFile(
            f"SVHN/{part}.tar.gz",
            (f"{ADDRESS}{part}.tar.gz",),
            md5="",
            archive=True,
            size_bytes=SIZES[part],
            folder=f"SVHN/{part}",
        )
        for part in parts
    )


def _held_out(labels: Labels, count: int) -> set[str]:
    """Names drawn once and for all; at most a tenth of a list that is shorter."""
    names = sorted(labels, key=natural_key)
    count = min(count, -(-len(names) // 10))
    order = np.random.RandomState(0).permutation(len(names))  # a frozen stream
    return {names[at] for at in order[:count]}


def _place(folder: Path, part: str) -> Path:
    for place in PLACES:
        if (folder / place / part / STRUCT).is_file():
            return folder / place / part
    return folder / PLACES[0] / part


def _labels(folder: Path, part: str, progress: Progress) -> Labels:
    """The content of a ``digitStruct.mat``; read once, then from a JSON file, since
    following its references takes minutes."""
    path = _place(folder, part) / STRUCT
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    kept = cache_folder(folder) / f"{digest[:16]}-numbers.json"
    try:
        content = json.loads(kept.read_text(encoding="utf-8"))
        if content["format"] == FORMAT:
            return {
                name: (number, tuple(map(_box, boxes)))
                for name, (number, boxes) in content["pictures"].items()
            }
    except (OSError, ValueError, KeyError, TypeError):
        pass
    labels = read_digit_struct(path, progress)
    text = json.dumps({"format": FORMAT, "pictures": labels})
    with suppress(OSError):  # then it is read again next time
        kept.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(kept) as file:
            file.write(text.encode())
    return labels


def _box(values: list[float]) -> Box:
    left, top, width, height = values
    return left, top, width, height


def _both(part: str) -> tuple[str, ...]:
    return tuple(f"{place}{part}/{STRUCT}" for place in PLACES)


def _entry(name: str, title: str, train: int, parts: tuple[str, ...]) -> Entry:
    extra = "extra" in parts
    held = sum(HELD_OUT[part] for part in parts if part != "test")
    return Entry(
        name=name,
        title=title,
        shape=SHAPE,
        classes=11,
        train=train - held,
        validation=held,
        test=13_068,
        size_bytes=sum(SIZES[part] for part in parts),
        licence=LICENCE,
        source="Netzer et al. 2011, Reading Digits in Natural Images",
        read=partial(read, extra=extra),
        files=tuple(map(_both, parts)),
        remote=partial(remote, parts),
        numbers=partial(list_numbers, extra=extra),
    )


ENTRIES = (
    _entry(
        "svhn-numbers",
        "house numbers in street photos, whole, with boxes",
        33_402,
        ("train", "test"),
    ),
    _entry(
        "svhn-numbers-extra",
        "the same and 202,353 easier ones to train on",
        33_402 + 202_353,
        ("train", "extra", "test"),
    ),
)
