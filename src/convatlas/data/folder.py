"""``folder:PATH``: the user's own pictures, one folder a class.

Either ``PATH/CLASS/…`` with a fixed cut (80 % train, 10 % validation, 10 % test of
every class), or ``PATH/train/CLASS/…``, ``PATH/val/CLASS/…``, ``PATH/test/CLASS/…``;
without ``val`` a tenth of ``train`` is held out. ``folder:PATH@64x96`` scales all
pictures to 64 rows and 96 columns; else their median size is taken, at most 224.
"""

import hashlib
import re
import warnings
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from typing import Literal

import torch

from convatlas.data.dataset import Dataset, Split, SplitName
from convatlas.data.decoded import LARGE_BYTES, Decoded, decode_all
from convatlas.data.folder_scan import Found, Scan, scan
from convatlas.data.pictures import look_at
from convatlas.data.statistics import channel_statistics
from convatlas.errors import DataError, PictureError
from convatlas.progress import Progress
from convatlas.spec import ImageSpec, LabelSpec

PREFIX = "folder:"
ORDER: tuple[SplitName, ...] = ("train", "validation", "test")
LONGEST = 224  # pixels, of a size that nobody asked for
LICENCE = "your own pictures"
STRAY = "lies in no class folder"

Shape = tuple[Literal[1, 3], int, int]
Bad = list[tuple[str, str]]


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
    try:
        return _load(name, cache, shape, skip_bad, progress, large_bytes)
    except PictureError as error:
        raise PictureError(f"{error}; --skip-bad leaves such files out") from None


def _load(
    name: str,
    cache: Path,
    shape: tuple[int, int, int] | None,
    skip_bad: bool,
    progress: Progress,
    large_bytes: int,
) -> Dataset:
    root, asked = _parsed(name)
    looked = scan(root, progress)
    left_out: Bad = [(s, STRAY) for s in looked.stray]
    if left_out and not skip_bad:
        raise PictureError(f"{root / left_out[0][0]}: {left_out[0][1]}")
    found = sorted(looked.found, key=lambda item: ORDER.index(_split(item)))
    found, bad, shapes = _headers(found, skip_bad)
    left_out += bad
    target = _shape(found, shapes, shape, asked)
    digest = _sha256(looked)
    size = "x".join(map(str, target))
    decoded = decode_all(
        [item.path for item in found],
        target,
        skip_bad=skip_bad,
        cache=cache / f"{digest[:16]}-{size}.pixels",
        progress=progress,
        large_bytes=large_bytes,
    )
    left_out += [_reason(found[at], why) for at, why in decoded.left_out.items()]
    splits = _splits(
        root, [found[row] for row in decoded.rows], looked.classes, decoded
    )
    mean, std = channel_statistics(splits["train"].images)
    if min(std) == 0:
        raise DataError(f"{root}: all training pictures are of one even colour")

    def read_split(part: SplitName) -> Split:
        if part not in splits:
            raise DataError(f"{root}: the {part} split is empty; make a {part}/ folder")
        return splits[part]

    return Dataset(
        name=name,
        spec=ImageSpec(*target, mean=mean, std=std),
        labels=LabelSpec(looked.classes),
        sha256=digest,
        licence=LICENCE,
        may_flip=not any(map(_is_character, looked.classes)),
        centred_digits=False,
        read_split=read_split,
        left_out=tuple(left_out),
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


def _headers(
    found: Sequence[Found], skip_bad: bool
) -> tuple[list[Found], Bad, list[tuple[int, int, bool]]]:
    """What can be opened, what cannot; height, width and colour of what can."""
    good, bad, shapes = [], [], []
    with warnings.catch_warnings():
        # PIL warns of large pictures; look_at refuses them
        warnings.simplefilter("ignore")
        for item in found:
            try:
                shapes.append(look_at(item.path))
            except PictureError as error:
                if not skip_bad:
                    raise
                bad.append(_reason(item, str(error)))
            else:
                good.append(item)
    return good, bad, shapes


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
    for part in ORDER:
        stop = start + sum(item.split == part for item in found)
        if stop > start:
            rows = slice(start, stop)
            splits[part] = Split(decoded.images[rows], labels[rows], tuple(names[rows]))
        start = stop
    for part in ("train", "validation"):
        if part not in splits:
            raise DataError(f"{root}: the {part} split is empty")
    trained = set(splits["train"].labels.tolist())
    for number, label in enumerate(classes):
        if number not in trained:
            raise DataError(
                f"{root}: no training picture of the class {label!r} can be read"
            )
    return splits


def _is_character(label: str) -> bool:
    """Whether a class is a letter or a number, which a mirror would spoil."""
    return label.isdecimal() or (len(label) == 1 and label.isascii())


def _reason(item: Found, why: str) -> tuple[str, str]:
    """Name and reason; the reason without the path that begins it."""
    return item.name, why.removeprefix(f"{item.path}: ")


def _split(item: Found) -> SplitName:
    return item.split or "train"


def _sha256(looked: Scan) -> str:
    """Of names, classes, splits and contents of all files."""
    lines = sorted(f"{i.split}\t{i.label}\t{i.name}\t{i.digest}" for i in looked.found)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
