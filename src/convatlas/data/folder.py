"""``folder:PATH``: the user's own pictures, one folder a class.

Either ``PATH/CLASS/…`` with a fixed cut (80 % train, 10 % validation, 10 % test of
every class), or ``PATH/train/CLASS/…``, ``PATH/val/CLASS/…``, ``PATH/test/CLASS/…``;
without ``val`` a tenth of ``train`` is held out. ``folder:PATH@64x96`` scales all
pictures to 64 rows and 96 columns; else their median size is taken, at most 224.
"""

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Literal

import torch

from convatlas.data.dataset import SPLITS, Dataset, Split, SplitName
from convatlas.data.decoded import LARGE_BYTES, Decoded, decode_all
from convatlas.data.folder_scan import Found, Scan, scan
from convatlas.data.own_pictures import (
    LeftOut,
    left_out_of,
    own_dataset,
    skipping_advised,
    that_open,
)
from convatlas.errors import DataError, PictureError
from convatlas.progress import Progress
from convatlas.spec import LabelSpec

PREFIX = "folder:"
LONGEST = 224  # pixels, of a size that nobody asked for
STRAY = "lies in no class folder"

Shape = tuple[Literal[1, 3], int, int]


def load_folder(
    name: str,
    *,
    cache: Path,
    shape: tuple[int, int, int] | None,
    skip_bad: bool,
    progress: Progress,
    large_bytes: int = LARGE_BYTES,
) -> Dataset:
    """Reads all pictures once, so that a bad one is found before the training.

    Args:
        name: ``folder:PATH`` or ``folder:PATH@HEIGHTxWIDTH``.
        cache: folder for pixels that are too large for memory.
        shape: (channels, height, width) to bring the pictures to; from the name, or
            else from the training pictures when None.
        skip_bad: leave bad pictures out and list them.
        progress: told how far reading is.
        large_bytes: from how many bytes of pixels on the cache is used.

    Raises:
        PictureError: a picture that cannot be read, unless ``skip_bad``.
        DataError: folders that do not make a data set.
    """
    root, asked = _parsed(name)
    looked = scan(root, progress)
    with skipping_advised():
        stray: LeftOut = [(s, STRAY) for s in looked.stray]
        if stray and not skip_bad:
            raise PictureError(f"{root / stray[0][0]}: {STRAY}")
        ordered = sorted(looked.found, key=lambda item: SPLITS.index(_split(item)))
        found, headers, left_out = that_open(ordered, skip_bad)
        target = _shape(found, headers, shape, asked)
        digest = _sha256(looked)
        decoded = decode_all(
            [item.path for item in found],
            target,
            skip_bad=skip_bad,
            cache=cache / f"{digest[:16]}-{'x'.join(map(str, target))}.pixels",
            progress=progress,
            large_bytes=large_bytes,
        )
    read = [found[row] for row in decoded.rows]
    return own_dataset(
        name,
        root,
        _splits(root, read, looked.classes, decoded),
        LabelSpec(looked.classes),
        digest,
        may_flip=not any(map(_is_character, looked.classes)),
        left_out=stray + left_out + left_out_of(decoded, found),
        advice="; make a {part}/ folder",
    )


def _parsed(name: str) -> tuple[Path, tuple[int, int] | None]:
    """The folder and the (height, width) that the name asks for."""
    text = name.removeprefix(PREFIX)
    if not text:
        raise DataError(f"{name}: names no folder; write folder:PATH")
    path, size = Path(text).expanduser(), None
    match = re.search(r"@(\d{1,5})[x×](\d{1,5})$", text)
    if match and not path.exists():
        path = Path(text[: match.start()]).expanduser()
        size = int(match[1]), int(match[2])
        if min(size) < 1:
            raise DataError(f"{name}: a size of {match[0][1:]} has no pixels")
    return path, size


def _shape(
    found: Sequence[Found],
    shapes: Sequence[tuple[int, int, bool]],
    shape: tuple[int, int, int] | None,
    asked: tuple[int, int] | None,
) -> Shape:
    trained = [
        header
        for item, header in zip(found, shapes, strict=True)
        if item.split == "train"
    ]
    if not trained:
        raise DataError("no training picture can be read")
    colour = any(header[2] for header in trained)
    channels: Literal[1, 3] = 3 if colour else 1
    if shape is not None:
        if shape[0] not in (1, 3):
            raise DataError(f"{shape[0]} channels: pictures have 1 (grey) or 3 (RGB)")
        return 1 if shape[0] == 1 else 3, shape[1], shape[2]
    if asked is not None:
        return channels, *asked
    height, width = (median(header[side] for header in trained) for side in (0, 1))
    factor = min(LONGEST / max(height, width), 1)
    return channels, max(round(height * factor), 1), max(round(width * factor), 1)


def _splits(
    root: Path, found: Sequence[Found], classes: tuple[str, ...], decoded: Decoded
) -> dict[SplitName, Split]:
    """The rows of each split lie together, so a split is a slice, not a copy."""
    labels = torch.tensor([classes.index(item.label) for item in found])
    names = [item.name for item in found]
    splits: dict[SplitName, Split] = {}
    start = 0
    for part in SPLITS:
        stop = start + sum(item.split == part for item in found)
        if stop > start:
            rows = slice(start, stop)
            splits[part] = Split(decoded.images[rows], labels[rows], tuple(names[rows]))
        start = stop
    train = splits.get("train")
    trained = set() if train is None else set(train.labels.tolist())
    for number, label in enumerate(classes):
        if number not in trained:
            raise DataError(
                f"{root}: no training picture of the class {label!r} can be read"
            )
    return splits


def _is_character(label: str) -> bool:
    """Whether a class is a letter or a number, which a mirror would spoil."""
    return label.isdecimal() or (len(label) == 1 and label.isascii())


def _split(item: Found) -> SplitName:
    return item.split or "train"


def _sha256(looked: Scan) -> str:
    """Of names, classes, splits and contents of all files."""
    lines = sorted(f"{i.split}\t{i.label}\t{i.name}\t{i.digest}" for i in looked.found)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
