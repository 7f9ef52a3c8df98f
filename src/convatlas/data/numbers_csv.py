"""``numbers:FILE.csv``: the user's own pictures of house numbers.

A line for each picture: ``file,number``, the file relative to the CSV. More columns if
wanted: ``split`` (train, validation or test), and ``left``, ``top``, ``width``,
``height`` in pixels: either a value for each digit, separated by spaces, or one value
for the whole number, which is then shared out evenly among its digits. Without
``split`` a tenth is held out for validation and a tenth for testing, by a hash of the
names, so that the cut stays.
"""

import csv
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from convatlas.data.dataset import SPLITS, SplitName
from convatlas.data.folder_scan import SPLIT_FOLDERS
from convatlas.data.numbered import Box, NumberedPicture, NumberList
from convatlas.errors import DataError
from convatlas.house_number import is_number

BOX = ("left", "top", "width", "height")
COLUMNS = ("file", "number", "split", *BOX)
FEWEST = 3


@dataclass(frozen=True)
class _Line:
    """A line of the file; ``split`` is None until the cut."""

    picture: NumberedPicture
    split: SplitName | None


def list_csv(path: Path) -> NumberList:
    """The pictures that the file lists, cut into three; none of them is opened.

    Raises:
        DataError: a list that cannot be used; the message names the line.
    """
    lines = _cut(path, _lines(path))
    return NumberList(
        splits={
            part: tuple(line.picture for line in lines if line.split == part)
            for part in SPLITS
        },
        missing=tuple(
            line.picture.name for line in lines if not line.picture.path.is_file()
        ),
    )


def csv_path(text: str) -> Path:
    """The file that a user means.

    Raises:
        DataError: no name.
    """
    if not text:
        raise DataError("numbers: names no file; write numbers:FILE.csv")
    return Path(text).expanduser()


def _lines(path: Path) -> list[_Line]:
    try:
        text = path.read_text(encoding="utf-8-sig")  # Excel puts a mark in front
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise DataError(f"{path}: is not UTF-8; save it as 'CSV UTF-8'") from None
    rows = text.splitlines()
    first = rows[0] if rows else ""
    table = csv.DictReader(rows, delimiter=max(",;\t", key=first.count))
    columns = [column.strip() for column in table.fieldnames or ()]
    table.fieldnames = columns
    if not {"file", "number"} <= set(columns):
        raise DataError(
            f"{path}: its first line is {first[:60]!r}; wanted are the columns file "
            f"and number (and, if you like, {', '.join(COLUMNS[2:])})"
        )
    boxed = set(BOX) & set(columns)
    if boxed and boxed != set(BOX):
        raise DataError(f"{path}: boxes need all four columns {', '.join(BOX)}")
    lines: list[_Line] = []
    seen: set[str] = set()
    for row in table:
        at = f"{path}, line {table.line_num}"
        line = _line(path, at, {k: (v or "").strip() for k, v in row.items() if k})
        if line.picture.name in seen:
            raise DataError(f"{at}: {line.picture.name} is listed twice")
        seen.add(line.picture.name)
        lines.append(line)
    if not lines:
        raise DataError(f"{path}: lists no pictures")
    return lines


def _line(path: Path, at: str, row: dict[str, str]) -> _Line:
    name, number = row["file"], row["number"]
    if not name:
        raise DataError(f"{at}: names no file")
    if not is_number(number):
        raise DataError(f"{at}: the number {number!r}; allowed are digits 0 to 9")
    split: SplitName | None = None
    if "split" in row:
        split = SPLIT_FOLDERS.get(row["split"].casefold())
        if split is None:
            raise DataError(
                f"{at}: the split {row['split']!r}; allowed are {', '.join(SPLITS)}"
            )
    boxes = _boxes(at, number, row) if row.get("left") else ()
    return _Line(NumberedPicture(path.parent / name, name, number, boxes), split)


def _boxes(at: str, number: str, row: dict[str, str]) -> tuple[Box, ...]:
    try:
        columns = [[float(value) for value in row[side].split()] for side in BOX]
        left, top, width, height = columns
        if [len(column) for column in columns] == [1] * 4:
            share = width[0] / len(number)
            return tuple(
                (left[0] + place * share, top[0], share, height[0])
                for place in range(len(number))
            )
        if any(len(column) != len(number) for column in columns):
            raise ValueError
    except ValueError:
        raise DataError(
            f"{at}: wanted in each of {', '.join(BOX)} is one number of pixels, or "
            f"{len(number)} with spaces between them, one a digit"
        ) from None
    return tuple(zip(left, top, width, height, strict=True))


def _cut(path: Path, lines: list[_Line]) -> list[_Line]:
    """Every line with its split; those of the file, or the fixed cut."""
    if lines[0].split is not None:
        for part in SPLITS[:2]:
            if not any(line.split == part for line in lines):
                raise DataError(f"{path}: the {part} split is empty")
        return lines
    if len(lines) < FEWEST:
        raise DataError(
            f"{path}: lists {len(lines)} pictures; cutting them into train, validation "
            f"and test needs {FEWEST}"
        )
    order = sorted(lines, key=_hash)
    count = max(round(len(lines) / 10), 1)
    tests = _names(order[:count])
    held = _names(order[count : 2 * count])
    cut: list[_Line] = []
    for line in lines:
        name = line.picture.name
        split: SplitName = (
            "test" if name in tests else "validation" if name in held else "train"
        )
        cut.append(_Line(line.picture, split))
    return cut


def _hash(line: _Line) -> str:
    return hashlib.sha256(line.picture.name.encode()).hexdigest()


def _names(lines: Iterable[_Line]) -> set[str]:
    return {line.picture.name for line in lines}
