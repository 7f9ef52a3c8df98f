"""Pictures of house numbers: what their lists say, and how they become a data set."""

import hashlib
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from convatlas.data.dataset import Dataset, Split, SplitName
from convatlas.data.decoded import decode_all
from convatlas.data.pictures import look_at
from convatlas.errors import DataError, PictureError
from convatlas.house_number import NONE, PLACES, encode, label_spec
from convatlas.picture_names import ENDINGS, hidden
from convatlas.progress import Progress
from convatlas.spec import ImageSpec

# every picture is scaled to this, whatever its aspect; wide, as numbers are
SHAPE = (3, 128, 256)
KEPT_BYTES = 1 << 28  # decoding takes long: from here on pixels are kept in a file
LOOKING = "looking through the files"

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class NumberedPicture:
    """A picture file and the number that it shows.

    Attributes:
        path: of the file.
        name: as it is called in results, e.g. ``"mchar_val/000012.png"``.
        number: its digits; empty where nobody has told.
        boxes: left, top, width and height of each digit in pixels of the file, as the
            list has them; none where it has none.
    """

    path: Path
    name: str
    number: str
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True)
class NumberList:
    """What a data set's own lists say of its pictures.

    Attributes:
        splits: the pictures of each split, in the order of its rows.
        missing: pictures that a list names and that are not there.
        unlisted: pictures that are there and that no list names.
        unlabelled: splits whose numbers nobody has told.
    """

    splits: Mapping[SplitName, tuple[NumberedPicture, ...]]
    missing: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()
    unlabelled: tuple[SplitName, ...] = ()

    @property
    def digits(self) -> int:
        """Places that the longest number needs, at least five."""
        lengths = (len(item.number) for part in self.splits.values() for item in part)
        return max([PLACES, *lengths])


def number_dataset(
    name: str,
    listed: NumberList,
    spec: ImageSpec,
    *,
    licence: str,
    cache: Path,
    progress: Progress,
    large_bytes: int = KEPT_BYTES,
) -> Dataset:
    """A data set of house numbers; a split is decoded when it is asked for.

    Args:
        name: as given to ``load``.
        listed: its pictures.
        spec: shape, mean and standard deviation.
        licence: terms of use.
        cache: folder for pixels that are too large for memory.
        progress: told how far reading is.
        large_bytes: from how many bytes of pixels on the cache is used.

    Raises:
        PictureError: a file that cannot be read.
    """
    digits = listed.digits
    digests: dict[SplitName, str] = {
        part: sha256_of(items, progress)
        for part, items in listed.splits.items()
        if part != "test"
    }

    def read_split(part: SplitName) -> Split:
        items = listed.splits.get(part, ())
        if not items:
            raise DataError(f"{name}: its {part} pictures are not there")
        digest = digests.get(part) or sha256_of(items, progress)
        size = "x".join(map(str, spec.shape))
        decoded = decode_all(
            [item.path for item in items],
            (3, spec.height, spec.width),
            skip_bad=False,
            cache=cache / f"{digest[:16]}-{size}.pixels",
            progress=progress,
            large_bytes=large_bytes,
        )
        return labelled_split(
            decoded.images, items, digits, part not in listed.unlabelled
        )

    return Dataset(
        name=name,
        spec=spec,
        labels=label_spec(digits),
        sha256=hashlib.sha256("".join(digests.values()).encode()).hexdigest(),
        licence=licence,
        may_flip=False,
        centred_digits=False,
        read_split=read_split,
        left_out=_missing(listed),
        unlabelled=listed.unlabelled,
    )


def labelled_split(
    images: Tensor, items: Sequence[NumberedPicture], digits: int, labelled: bool
) -> Split:
    """Decoded pictures with their numbers, boxes and sizes.

    Args:
        images: N C H W, uint8, a row for each of ``items``.
        items: the pictures.
        digits: places of a number.
        labelled: whether their numbers are known.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd notes in a picture's header
        sizes = torch.tensor([look_at(item.path)[:2] for item in items])
    labels = torch.full((len(items), digits), NONE, dtype=torch.int64)
    if labelled:
        labels = encode([item.number for item in items], digits)
    return Split(
        images=images,
        labels=labels,
        files=tuple(item.name for item in items),
        boxes=_shares(items, sizes, digits),
        sizes=sizes,
        labelled=labelled,
    )


def pictures_in(folder: Path) -> list[Path]:
    """The picture files directly in a folder, which need not be there; any order."""
    if not folder.is_dir():
        return []
    return [
        path
        for path in folder.iterdir()
        if path.suffix.casefold() in ENDINGS and not hidden(path)
    ]


def _shares(items: Sequence[NumberedPicture], sizes: Tensor, digits: int) -> Tensor:
    """Boxes as shares of the picture, cut to it; what is left of nothing is NaN."""
    pixels = torch.full((len(items), digits, 4), torch.nan, dtype=torch.float64)
    for row, item in enumerate(items):
        if item.boxes:
            pixels[row, : len(item.boxes)] = torch.tensor(
                item.boxes, dtype=torch.float64
            )
    left, top, width, height = pixels.unbind(dim=2)
    edges = torch.stack([left, top, left + width, top + height], dim=2)
    scale = sizes.flip(1).repeat(1, 2).to(torch.float64)  # width, height, twice
    shares = (edges / scale[:, None]).clamp(0, 1).to(torch.float32)
    area = (shares[..., 2:] - shares[..., :2]).amin(dim=2)
    shares[area <= 0] = torch.nan
    return shares


def sha256_of(items: Sequence[NumberedPicture], progress: Progress) -> str:
    """Of names, numbers, boxes and contents, in the order of the rows."""
    whole = hashlib.sha256()
    for done, item in enumerate(items):
        progress(LOOKING, done, len(items), "pictures")
        try:
            content = hashlib.sha256(item.path.read_bytes()).hexdigest()
        except OSError as error:
            raise PictureError(
                f"{item.path}: cannot be read ({error.strerror})"
            ) from None
        whole.update(f"{item.name}\t{item.number}\t{item.boxes}\t{content}\n".encode())
    progress(LOOKING, len(items), len(items), "pictures")
    return whole.hexdigest()


def _missing(listed: NumberList) -> tuple[tuple[str, str], ...]:
    """One line for all pictures that are listed and not there."""
    if not listed.missing:
        return ()
    count = len(listed.missing)
    return (
        (
            listed.missing[0] if count == 1 else f"{count:,} pictures",
            f"in the list but not there; the first is {listed.missing[0]}"
            if count > 1
            else "in the list but not there",
        ),
    )
