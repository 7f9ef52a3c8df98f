"""The pictures of protocol P, whole and as true crops, in files for every side."""

import random
from dataclasses import dataclass
from pathlib import Path

from convatlas.data import catalogue
from convatlas.data.dataset import SplitName
from convatlas.data.location import data_folder
from convatlas.data.numbered import NumberedPicture, sha256_of
from convatlas.data.obtain import obtain
from convatlas.errors import DataError
from convatlas.exporting.reader_figures import MARGIN
from convatlas.exporting.street_files import from_file
from convatlas.progress import silent
from convatlas.reading.windows import crop

DATA = "protocol-p"
SEED = 0  # of the order, so that a few pictures are a fair part of all


@dataclass(frozen=True)
class Shown:
    """A picture in the form that each view has, and what is true of it.

    Attributes:
        item: as its list has it.
        crop: file with its true crop; the whole picture is ``item.path``.
        height: mean height of its digits, pixels.
    """

    item: NumberedPicture
    crop: Path
    height: float

    def file(self, view: str) -> Path:
        """Of ``"whole"`` or ``"crops"``."""
        return self.item.path if view == "whole" else self.crop


def chosen(split: SplitName, folder: Path | None, limit: int | None) -> list[Shown]:
    """The first pictures of a split in a fixed random order, nothing cut out yet.

    Raises:
        MissingData: they are not there.
    """
    entry, where = catalogue.find(DATA), data_folder(folder)
    obtain(entry, where, silent)
    assert entry.numbers is not None
    items = list(entry.numbers(where, silent).splits[split])
    random.Random(SEED).shuffle(items)
    return [Shown(item, item.path, float("nan")) for item in items[:limit]]


def cut_out(pictures: list[Shown], into: Path) -> list[Shown]:
    """The same pictures with their true crops in files.

    Args:
        pictures: of a data set with boxes.
        into: an empty folder.

    Raises:
        DataError: a picture without a box.
    """
    return [_cut(one.item, into / f"{i:06}.png") for i, one in enumerate(pictures)]


def digest(pictures: list[Shown]) -> str:
    """Of names, numbers, boxes and contents, in order."""
    return sha256_of([one.item for one in pictures], silent)


def _cut(item: NumberedPicture, file: Path) -> Shown:
    picture = from_file(item)
    if picture.box is None:
        raise DataError(f"{item.path}: nobody has told where its number is")
    crop(picture.image, picture.box, MARGIN).save(file)
    most = picture.image.height
    heights = [
        min(top + height, most) - max(top, 0.0) for _, top, _, height in item.boxes
    ]
    return Shown(item, file, sum(heights) / len(heights))
