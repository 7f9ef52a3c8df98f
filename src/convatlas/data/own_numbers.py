"""``numbers:FILE.csv`` as a data set; ``numbers_csv`` says what the file holds."""

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
from convatlas.data.own_pictures import (
    left_out_of,
    own_dataset,
    skipping_advised,
    that_open,
)
from convatlas.errors import DataError
from convatlas.house_number import label_spec
from convatlas.progress import Progress

PREFIX = "numbers:"


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
    path = csv_path(name.removeprefix(PREFIX))
    listed = list_csv(path)
    channels, height, width = shape or SHAPE
    if channels != 3:
        raise DataError(f"{channels} channels: pictures of numbers are RGB (3)")
    with skipping_advised():
        # split after split
        every = (item for part in listed.splits.values() for item in part)
        items, _, left_out = that_open(every, skip_bad)
        digest = sha256_of(items, progress)
        decoded = decode_all(
            [item.path for item in items],
            (3, height, width),
            skip_bad=skip_bad,
            cache=cache / f"{digest[:16]}-3x{height}x{width}.pixels",
            progress=progress,
            large_bytes=large_bytes,
        )
    return own_dataset(
        name,
        path,
        _splits(listed, items, decoded),
        label_spec(listed.digits),
        digest,
        may_flip=False,
        left_out=left_out + left_out_of(decoded, items),
    )


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
