"""``numbers:FILE.csv`` as a data set; ``numbers_csv`` says what the file holds."""

import warnings
from pathlib import Path

from convatlas.data.dataset import Dataset, Split, SplitName
from convatlas.data.decoded import Decoded, decode_all
from convatlas.data.numbered import (
    KEPT_BYTES,
    SHAPE,
    NumberedPicture,
    NumberList,
    labelled_split,
    sha256_of,
)
from convatlas.data.numbers_csv import csv_path, list_csv
from convatlas.data.pictures import look_at
from convatlas.data.statistics import channel_statistics
from convatlas.errors import DataError, PictureError
from convatlas.house_number import label_spec
from convatlas.progress import Progress
from convatlas.spec import ImageSpec

PREFIX = "numbers:"
LICENCE = "your own pictures"

Bad = list[tuple[str, str]]


def load_numbers(
    name: str,
    *,
    cache: Path,
    shape: tuple[int, int, int] | None,
    skip_bad: bool,
    progress: Progress,
    large_bytes: int = KEPT_BYTES,
) -> Dataset:
    """Reads all pictures once, so that a bad one is found before the training.

    Args:
        name: ``numbers:FILE.csv``.
        cache: folder for pixels that are too large for memory.
        shape: (3, height, width) to bring the pictures to; 3×128×256 when None.
        skip_bad: leave pictures out that are missing or cannot be read, and list them.
        progress: told how far reading is.
        large_bytes: from how many bytes of pixels on the cache is used.

    Raises:
        PictureError: a picture that cannot be read, unless ``skip_bad``.
        DataError: a list that cannot be used; the message names the line.
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
    path = csv_path(name.removeprefix(PREFIX))
    listed = list_csv(path)
    channels, height, width = shape or SHAPE
    if channels != 3:
        raise DataError(f"{channels} channels: pictures of numbers are RGB (3)")
    items, left_out = _that_open(listed, skip_bad)
    digest = sha256_of(items, progress)
    decoded = decode_all(
        [item.path for item in items],
        (3, height, width),
        skip_bad=skip_bad,
        cache=cache / f"{digest[:16]}-3x{height}x{width}.pixels",
        progress=progress,
        large_bytes=large_bytes,
    )
    left_out += [_reason(items[at], why) for at, why in decoded.left_out.items()]
    splits = _splits(listed, items, decoded)
    for part in ("train", "validation"):
        if part not in splits:
            raise DataError(f"{path}: no {part} picture can be read")
    mean, std = channel_statistics(splits["train"].images)
    if min(std) == 0:
        raise DataError(f"{path}: all training pictures are of one even colour")

    def read_split(part: SplitName) -> Split:
        if part not in splits:
            raise DataError(f"{path}: the {part} split is empty")
        return splits[part]

    return Dataset(
        name=name,
        spec=ImageSpec(3, height, width, mean=mean, std=std),
        labels=label_spec(listed.digits),
        sha256=digest,
        licence=LICENCE,
        may_flip=False,
        centred_digits=False,
        read_split=read_split,
        left_out=tuple(left_out),
    )


def _that_open(listed: NumberList, skip_bad: bool) -> tuple[list[NumberedPicture], Bad]:
    """The pictures whose headers can be read, split after split, and the others."""
    good: list[NumberedPicture] = []
    bad: Bad = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # look_at refuses what PIL warns of
        for item in (item for part in listed.splits.values() for item in part):
            try:
                look_at(item.path)
            except PictureError as error:
                if not skip_bad:
                    raise
                bad.append(_reason(item, str(error)))
            else:
                good.append(item)
    return good, bad


def _splits(
    listed: NumberList, items: list[NumberedPicture], decoded: Decoded
) -> dict[SplitName, Split]:
    """The rows of each split lie together, so a split is a slice, not a copy."""
    read = [items[row] for row in decoded.rows]
    splits: dict[SplitName, Split] = {}
    start = 0
    for part, wanted in listed.splits.items():
        names = {item.name for item in wanted}
        stop = start + sum(item.name in names for item in read)
        if stop > start:
            rows = slice(start, stop)
            splits[part] = labelled_split(
                decoded.images[rows], read[rows], listed.digits, True
            )
        start = stop
    return splits


def _reason(item: NumberedPicture, why: str) -> tuple[str, str]:
    """Name and reason; the reason without the path that begins it."""
    return item.name, why.removeprefix(f"{item.path}: ")
