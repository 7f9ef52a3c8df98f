"""Finds the user's pictures in folders: which class, which split."""

import hashlib
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NoReturn

from convatlas.data.dataset import SplitName
from convatlas.errors import DataError, PictureError
from convatlas.picture_files import READABLE
from convatlas.picture_names import ENDINGS, hidden, natural_key
from convatlas.progress import Progress

SPLIT_FOLDERS: dict[str, SplitName] = {
    "train": "train",
    "training": "train",
    "val": "validation",
    "valid": "validation",
    "validation": "validation",
    "test": "test",
    "testing": "test",
}
HELD_OUT = 10  # one picture in ten for validation, one for testing
FEWEST = 3  # pictures of a class that can be cut into three


@dataclass(frozen=True)
class Found:
    """A file that should be a picture.

    Attributes:
        path: of the file.
        name: relative to the data set's folder, with ``/``.
        label: name of its class.
        split: where it belongs; empty until the cut.
        digest: SHA-256 of its bytes, in hexadecimal.
    """

    path: Path
    name: str
    label: str
    split: SplitName | None
    digest: str


@dataclass(frozen=True)
class Scan:
    """All files of a data set with their splits, and those without a class."""

    found: tuple[Found, ...]
    classes: tuple[str, ...]
    stray: tuple[str, ...]


def scan(root: Path, progress: Progress) -> Scan:
    """Looks through the folders and cuts where the user has not.

    Files with the same bytes always come into the same split, whatever their names.

    Raises:
        DataError: folders that do not make a data set; the message says why.
    """
    if not root.is_dir():
        what = "is a file, not a folder" if root.exists() else "no such folder"
        raise DataError(f"{root}: {what}")
    parts = _split_folders(root)
    files: list[tuple[Path, str, SplitName | None]] = []
    stray: list[str] = []
    places: list[tuple[Path, SplitName | None]] = [*parts] or [(root, None)]
    for folder, split in places:
        inside, without_class = _classes_inside(folder)
        stray += [path.relative_to(root).as_posix() for path in without_class]
        files += [(path, label, split) for path, label in inside]
    if not files:
        _complain_of_nothing(root, stray)
    found = []
    for done, (path, label, split) in enumerate(files):
        progress("looking through the files", done, len(files), "pictures")
        name = path.relative_to(root).as_posix()
        found.append(Found(path, name, label, split, _digest(path)))
    progress("looking through the files", len(files), len(files), "pictures")
    classes = _classes(root, found)
    return Scan(tuple(_cut(root, found)), classes, tuple(stray))


def _split_folders(root: Path) -> list[tuple[Path, SplitName]]:
    """The split folders, if the folder has ``train`` and another one; else nothing."""
    found = [
        (folder, SPLIT_FOLDERS[folder.name.casefold()])
        for folder in sorted(root.iterdir())
        if folder.is_dir() and folder.name.casefold() in SPLIT_FOLDERS
    ]
    names = [split for _, split in found]
    twice = [split for split, count in Counter(names).items() if count > 1]
    if twice:
        both = " and ".join(f.name for f, split in found if split == twice[0])
        raise DataError(f"{root}: {both} both mean {twice[0]}; keep one of them")
    # a class called "train" beside "bus" holds pictures, not folders
    if "train" not in names or len(names) < 2 or any(_holds_files(f) for f, _ in found):
        return []
    for folder, split in found:
        if not any(inside.is_dir() for inside in folder.iterdir()):
            raise DataError(f"{folder}: the {split} split is empty; fill or delete it")
    return found


def _holds_files(folder: Path) -> bool:
    return any(inside.is_file() and not hidden(inside) for inside in folder.iterdir())


def _classes_inside(root: Path) -> tuple[list[tuple[Path, str]], list[Path]]:
    """Files with their class; and pictures that lie beside the class folders.

    Raises:
        DataError: a class folder without a file.
    """
    files, stray = [], []
    for entry in sorted(root.iterdir(), key=natural_key):
        if hidden(entry):
            continue
        if entry.is_dir():
            inside = [
                path for path in entry.rglob("*") if path.is_file() and not hidden(path)
            ]
            if not inside:
                raise DataError(
                    f"{entry}: a class folder without pictures; fill or delete it"
                )
            files += [(p, entry.name) for p in sorted(inside, key=natural_key)]
        elif entry.suffix.casefold() in ENDINGS:
            stray.append(entry)
    return files, stray


def _complain_of_nothing(root: Path, stray: list[str]) -> NoReturn:
    if stray:
        raise DataError(
            f"{root}: labels are missing, {stray[0]} lies in no class folder; make one "
            "folder for each class"
        )
    raise DataError(
        f"{root}: a folder without pictures; wanted are folders with the names of the "
        f"classes and pictures ({READABLE}) in them"
    )


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise PictureError(f"{path}: cannot be read ({error.strerror})") from None


def _classes(root: Path, found: list[Found]) -> tuple[str, ...]:
    """The class names in natural order.

    Raises:
        DataError: fewer than two, or one that cannot be learned.
    """
    names = tuple(sorted({item.label for item in found}, key=natural_key))
    if len(names) < 2:
        raise DataError(
            f"{root}: one class only ({names[0]!r}); telling classes apart needs two"
        )
    trained = {item.label for item in found if item.split in ("train", None)}
    for name in names:
        if name not in trained:
            where = next(item.name for item in found if item.label == name)
            raise DataError(f"{root}: {where} has a class that train/ does not have")
    return names


def _cut(root: Path, found: list[Found]) -> list[Found]:
    """Every file with its split, as given by its folder or by the fixed cut."""
    given = {item.split for item in found}
    if "validation" in given:
        return found
    parts: list[SplitName] = (
        ["validation"] if "train" in given else ["test", "validation"]
    )
    by_class: defaultdict[str, list[Found]] = defaultdict(list)
    for item in found:
        if item.split != "test":
            by_class[item.label].append(item)
    held: dict[tuple[str, str], SplitName] = {}
    for label, items in by_class.items():
        digests = sorted({item.digest for item in items})
        if len(digests) < FEWEST:
            raise DataError(
                f"{root}: the class {label!r} has {len(digests)} different "
                f"{'picture' if len(digests) == 1 else 'pictures'}; cutting it into "
                f"train, validation and test needs {FEWEST}"
            )
        # digests are as good as random, and stay when files are added or renamed
        count = max(round(len(digests) / HELD_OUT), 1)
        for number, part in enumerate(parts):
            for digest in digests[number * count : (number + 1) * count]:
                held[label, digest] = part
    return [
        item
        if item.split == "test"
        else replace(item, split=held.get((item.label, item.digest), "train"))
        for item in found
    ]
