"""House numbers in pictures of their own size, as a user has them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from PIL import Image

from convatlas import data
from convatlas.data import catalogue
from convatlas.data.catalogue import judged_by
from convatlas.data.dataset import Split, SplitName
from convatlas.data.location import data_folder
from convatlas.data.numbered import NumberedPicture
from convatlas.data.obtain import obtain
from convatlas.house_number import decode
from convatlas.number_box import union
from convatlas.picture_files import upright
from convatlas.progress import Progress
from convatlas.reading.windows import Window, part_of, whole


@dataclass(frozen=True)
class StreetPicture:
    """A picture, its number, and the box around all digits in pixels, if known."""

    image: Image.Image
    number: str
    box: Window | None


def street_pictures(
    name: str, split: SplitName, folder: Path | None, progress: Progress
) -> Iterator[StreetPicture]:
    """The pictures of a data set of house numbers, one after the other.

    From their files where the data set has a list of them, else as they were decoded
    for training, scaled back.

    Args:
        name: of the data set; of joined ones the first is meant.
        split: of it.
        folder: that holds data sets.
        progress: told how far reading is.

    Raises:
        MissingData: its files are not there and cannot be downloaded.
    """
    name = judged_by(name)
    known = {entry.name: entry for entry in catalogue.entries()}
    listing = known[name].numbers if name in known else None
    if listing is not None:
        where = data_folder(folder)
        obtain(known[name], where, progress)
        items = listing(where, progress).splits[split]
        yield from _from_files(items, progress)
    else:
        dataset = data.load(name, folder=folder, progress=progress)
        yield from _from_canvases(dataset.split(split))


def from_file(item: NumberedPicture) -> StreetPicture:
    """One picture as its file has it.

    Raises:
        PictureError: it cannot be read.
    """
    image = upright(item.path)
    box = None
    if item.boxes:
        left = min(left for left, _, _, _ in item.boxes)
        top = min(top for _, top, _, _ in item.boxes)
        right = max(left + width for left, _, width, _ in item.boxes)
        bottom = max(top + height for _, top, _, height in item.boxes)
        shares = (
            *(left / image.width, top / image.height),
            *(right / image.width, bottom / image.height),
        )
        box = part_of(whole(image), shares)
    return StreetPicture(image, item.number, box)


def _from_files(
    items: Sequence[NumberedPicture], progress: Progress
) -> Iterator[StreetPicture]:
    for done, item in enumerate(items):
        progress("reading", done, len(items), "pictures")
        yield from_file(item)
    progress("reading", len(items), len(items), "pictures")


def _from_canvases(split: Split) -> Iterator[StreetPicture]:
    numbers = decode(split.labels)
    for row, number in enumerate(numbers):
        image = Image.fromarray(split.images[row].permute(1, 2, 0).numpy())
        if split.sizes is not None:
            height, width = split.sizes[row].tolist()
            image = image.resize((width, height), Image.Resampling.BILINEAR)
        box = None
        if split.boxes is not None and torch.isfinite(split.boxes[row]).any():
            shares = union(split.boxes[row : row + 1])[0].tolist()
            box = part_of(whole(image), shares)
        yield StreetPicture(image, number, box)
