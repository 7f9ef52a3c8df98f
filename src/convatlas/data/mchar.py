"""House numbers in the form of the contest Tianchi 531795 ("mchar").

Folders ``mchar_train``, ``mchar_val`` and ``mchar_test_a`` hold the pictures, a JSON
file beside a folder its labels: ``{"000000.png": {"height": [..], "label": [..],
"left": [..], "top": [..], "width": [..]}}``, pixels, a digit each, from left to right.
All lie in the data folder or in ``house-numbers/`` in it. Pictures and labels meet by
name, never by order.
"""

import json
from functools import partial
from pathlib import Path
from typing import Any

from convatlas.data.dataset import Dataset
from convatlas.data.entry import Entry
from convatlas.data.location import cache_folder
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
from convatlas.spec import ImageSpec

PLACES = ("house-numbers/", "")  # where the folders may lie in the data folder
FIELDS = ("label", "left", "top", "width", "height")
LICENCE = "non-commercial use only (SVHN)"
# of the training pictures of protocol-p, scaled
SPEC = ImageSpec(
    *SHAPE, mean=(0.444815, 0.429233, 0.424903), std=(0.225132, 0.236587, 0.24387)
)
CONTEST = (
    "its pictures are handed out by the contest 531795 at tianchi.aliyun.com; put each "
    "folder of pictures beside its .json"
)
HELD_OUT = 957  # the last names of mchar_val validate in protocol P


def read_contest(folder: Path, progress: Progress) -> Dataset:
    """Opens ``mchar``: the contest's own splits.

    Raises:
        DataError: lists that are broken.
    """
    return _dataset("mchar", list_contest(folder, progress), folder, progress)


def read_protocol_p(folder: Path, progress: Progress) -> Dataset:
    """Opens ``protocol-p``: the same pictures, cut so that a test has labels.

    Raises:
        DataError: lists that are broken.
    """
    return _dataset("protocol-p", list_protocol_p(folder, progress), folder, progress)


def list_contest(folder: Path, progress: Progress) -> NumberList:
    """The pictures of ``mchar``; its test split has no labels."""
    train = _listed(folder, "mchar_train")
    validation = _listed(folder, "mchar_val")
    test = _unlabelled(folder, "mchar_test_a")
    return NumberList(
        splits={"train": train[0], "validation": validation[0], "test": test},
        missing=(*train[1], *validation[1]),
        unlisted=(*train[2], *validation[2]),
        unlabelled=("test",),
    )


def list_protocol_p(folder: Path, progress: Progress) -> NumberList:
    """The pictures of ``protocol-p``.

    Trains on ``mchar_train`` and ``mchar_val`` without the last 957 names of the
    latter, validates on those, tests on ``svhn_test_rest``.
    """
    first = _listed(folder, "mchar_train")
    second = _listed(folder, "mchar_val")
    test = _listed(folder, "svhn_test_rest")
    # by name, not by what is there: a missing picture moves no other to another split
    held = set(_names(folder, "mchar_val")[-HELD_OUT:])
    return NumberList(
        splits={
            "train": (
                *first[0],
                *(item for item in second[0] if item.path.name not in held),
            ),
            "validation": tuple(item for item in second[0] if item.path.name in held),
            "test": test[0],
        },
        missing=(*first[1], *second[1], *test[1]),
        unlisted=(*first[2], *second[2], *test[2]),
    )


def _dataset(
    name: str, listed: NumberList, folder: Path, progress: Progress
) -> Dataset:
    return number_dataset(
        name,
        listed,
        SPEC,
        licence=LICENCE,
        cache=cache_folder(folder),
        progress=progress,
    )


def _listed(
    folder: Path, part: str
) -> tuple[tuple[NumberedPicture, ...], tuple[str, ...], tuple[str, ...]]:
    """Pictures of a folder that have labels; names without picture; without label."""
    where, labels = _place(folder, part), _labels(folder, part)
    there = {path.name for path in pictures_in(where / part)}
    pictures = []
    for name in sorted(labels.keys() & there, key=natural_key):
        number, boxes = _number(where / f"{part}.json", name, labels[name])
        path = where / part / name
        pictures.append(NumberedPicture(path, f"{part}/{name}", number, boxes))
    if not pictures:
        raise DataError(
            f"{where / part}: holds none of the {len(labels):,} pictures that "
            f"{part}.json lists"
        )
    return (
        tuple(pictures),
        tuple(f"{part}/{name}" for name in sorted(labels.keys() - there)),
        tuple(f"{part}/{name}" for name in sorted(there - labels.keys())),
    )


def _unlabelled(folder: Path, part: str) -> tuple[NumberedPicture, ...]:
    return tuple(
        NumberedPicture(path, f"{part}/{path.name}", "")
        for path in sorted(pictures_in(_place(folder, part) / part), key=natural_key)
    )


def _names(folder: Path, part: str) -> list[str]:
    return sorted(_labels(folder, part), key=natural_key)


def _place(folder: Path, part: str) -> Path:
    """The folder in which the pictures' folder lies."""
    for place in PLACES:
        if (folder / place / part).is_dir():
            return folder / place
    return folder / PLACES[0]


def _labels(folder: Path, part: str) -> dict[str, Any]:
    path = _place(folder, part) / f"{part}.json"
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    except ValueError as error:
        raise DataError(f"{path}: is no JSON ({error})") from None
    if not isinstance(content, dict) or not content:
        raise DataError(f"{path}: lists no pictures; wanted are names with labels")
    return content


def _number(path: Path, name: str, entry: Any) -> tuple[str, tuple[Box, ...]]:
    """A picture's digits and their boxes.

    Raises:
        DataError: fields that are missing, of different length or out of range.
    """
    try:
        columns = [list(entry[field]) for field in FIELDS]
        rows = [
            (int(digit), tuple(map(float, box)))
            for digit, *box in zip(*columns, strict=True)
        ]
        if not rows or any(int(d) != float(d) for d in columns[0]):
            raise ValueError
    except (KeyError, TypeError, ValueError):
        raise DataError(
            f"{path}: {name}: wanted are lists {', '.join(FIELDS)} of one length"
        ) from None
    for digit, _ in rows:
        if not 0 <= digit <= 9:
            raise DataError(
                f"{path}: {name}: the label {digit}; allowed are 0 to 9 (SVHN's own "
                "files call the digit 0 '10', this form does not)"
            )
    boxes = tuple((box[0], box[1], box[2], box[3]) for _, box in rows)
    return "".join(str(digit) for digit, _ in rows), boxes


def _both(part: str) -> tuple[str, ...]:
    return tuple(f"{place}{part}" for place in PLACES)


# what both data sets of house numbers here have in common
_house_numbers = partial(
    Entry,
    shape=SHAPE,
    classes=11,
    size_bytes=0,
    licence=LICENCE,
    where_from=CONTEST,
)

ENTRIES = (
    _house_numbers(
        name="mchar",
        title="house numbers of the contest Tianchi 531795, its own splits",
        train=30_000,
        validation=10_000,
        test=40_000,
        source="Netzer et al. 2011, as cut for Tianchi 531795",
        read=read_contest,
        files=(_both("mchar_train.json"), _both("mchar_val.json")),
        numbers=list_contest,
    ),
    _house_numbers(
        name="protocol-p",
        title="house numbers: mchar_train and most of mchar_val, test svhn_test_rest",
        train=9_256,
        validation=957,
        test=1_529,
        source="Netzer et al. 2011",
        read=read_protocol_p,
        files=(
            _both("mchar_train.json"),
            _both("mchar_val.json"),
            _both("svhn_test_rest.json"),
        ),
        numbers=list_protocol_p,
    ),
)
