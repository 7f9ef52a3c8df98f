"""The user's own pictures, whatever names their labels: each read once, in a list."""

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol, TypeVar

from convatlas.data.dataset import Dataset, Split, SplitName
from convatlas.data.decoded import Decoded
from convatlas.data.pictures import look_at
from convatlas.data.statistics import channel_statistics
from convatlas.errors import DataError, PictureError
from convatlas.spec import ImageSpec, LabelSpec

LICENCE = "your own pictures"

LeftOut = list[tuple[str, str]]  # names and reasons


class Listed(Protocol):
    """A picture file and the name that the user knows it by."""

    @property
    def path(self) -> Path: ...

    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=Listed)


@contextmanager
def skipping_advised() -> Iterator[None]:
    """Adds to a bad picture's fault what to do about it.

    Raises:
        PictureError: instead of the one inside.
    """
    try:
        yield
    except PictureError as error:
        raise PictureError(f"{error}; --skip-bad leaves such files out") from None


def that_open(
    listed: Iterable[T], skip_bad: bool
) -> tuple[list[T], list[tuple[int, int, bool]], LeftOut]:
    """Pictures whose headers can be read; their height, width and colour; the others.

    Raises:
        PictureError: one that cannot be read, unless ``skip_bad``.
    """
    good: list[T] = []
    headers: list[tuple[int, int, bool]] = []
    bad: LeftOut = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # look_at refuses what PIL warns of
        for item in listed:
            try:
                headers.append(look_at(item.path))
            except PictureError as error:
                if not skip_bad:
                    raise
                bad.append(_reason(item, str(error)))
            else:
                good.append(item)
    return good, headers, bad


def left_out_of(decoded: Decoded, items: Sequence[Listed]) -> LeftOut:
    """Those of ``items`` that could not be decoded."""
    return [_reason(items[at], why) for at, why in decoded.left_out.items()]


def own_dataset(
    name: str,
    place: Path,
    splits: Mapping[SplitName, Split],
    labels: LabelSpec,
    sha256: str,
    *,
    may_flip: bool,
    left_out: LeftOut,
    advice: str = "",
) -> Dataset:
    """A data set of pictures that were read.

    Args:
        name: that the user gave.
        place: where they lie, for messages.
        splits: those that have pictures.
        labels: of them.
        sha256: of all that was read.
        may_flip: whether a mirrored picture keeps its class.
        left_out: names and reasons.
        advice: what to do about an empty split; may hold ``{part}``.

    Raises:
        DataError: nothing to train on, or to choose an epoch by, or no contrast.
    """
    for part in ("train", "validation"):
        if part not in splits:
            raise DataError(f"{place}: no {part} picture can be read")
    images = splits["train"].images
    mean, std = channel_statistics(images)
    if min(std) == 0:
        raise DataError(f"{place}: all training pictures are of one even colour")

    def read_split(part: SplitName) -> Split:
        if part not in splits:
            more = advice.format(part=part)
            raise DataError(f"{place}: the {part} split is empty{more}")
        return splits[part]

    channels, height, width = images.shape[1:]
    return Dataset(
        name=name,
        spec=ImageSpec(channels, height, width, mean=mean, std=std),
        labels=labels,
        sha256=sha256,
        licence=LICENCE,
        may_flip=may_flip,
        centred_digits=False,
        read_split=read_split,
        left_out=tuple(left_out),
    )


def _reason(item: Listed, why: str) -> tuple[str, str]:
    """Name and reason; the reason without the path that begins it."""
    return item.name, why.removeprefix(f"{item.path}: ")
