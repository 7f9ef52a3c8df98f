"""``A+B``: the training pictures of several data sets as one.

What is validated and tested is the first one's alone: the others only help to train.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from convatlas.data.dataset import Dataset, Split, SplitName
from convatlas.errors import DataError, UsageError
from convatlas.house_number import NONE


def joined(name: str, parts: Sequence[Dataset]) -> Dataset:
    """One data set; mean and deviation of its pixels are the first one's.

    Args:
        name: of all of it.
        parts: two or more, the one to be judged by first.

    Raises:
        UsageError: pictures or classes that differ; on the first look at what is to be
            trained on: pictures that the first one judges by are among them.
    """
    first, *others = parts
    for other in others:
        if other.spec.shape != first.spec.shape:
            here, there = (
                "×".join(map(str, part.spec.shape)) for part in (first, other)
            )
            raise UsageError(
                f"{name}: pictures of {first.name} are {here}, those of {other.name} "
                f"{there}; only data sets of one size can be joined"
            )
        if (other.labels.names, other.labels.digits > 0) != (
            first.labels.names,
            first.labels.digits > 0,
        ):
            raise UsageError(
                f"{name}: {other.name} has other classes than {first.name}; only data "
                "sets that ask the same can be joined"
            )

    def read_split(split: SplitName) -> Split:
        if split != "train":
            return first.split(split)
        for other in others:
            _refuse_leaks(name, first, other)
        return _one([part.train for part in parts])

    digest = hashlib.sha256("+".join(part.sha256 for part in parts).encode())
    licences = dict.fromkeys(part.licence for part in parts)
    return replace(
        first,
        name=name,
        sha256=digest.hexdigest(),
        licence="; ".join(licences),
        may_flip=all(part.may_flip for part in parts),
        centred_digits=all(part.centred_digits for part in parts),
        left_out=tuple(file for part in parts for file in part.left_out),
        read_split=read_split,
    )


def _refuse_leaks(name: str, first: Dataset, other: Dataset) -> None:
    """No picture to judge by may be one to train on."""
    for split in ("validation", "test"):
        try:
            judged = first.split(split).images
        except DataError:
            continue  # it has no such pictures, which whoever asks for them will hear
        known = shared(judged, other.train.images)
        if known:
            raise UsageError(
                f"{name}: {known:,} of the {split} pictures of {first.name} are among "
                f"the training pictures of {other.name}, so its figures would be too "
                f"good; train on {other.name} alone, or join another data set"
            )


def shared(some: Tensor, others: Tensor) -> int:
    """How many pictures of the one tensor are in the other, to the pixel.

    Args:
        some: N C H W, uint8.
        others: M C H W of the same shape.
    """
    among = {_grid(image): row for row, image in enumerate(others)}
    rows = ((image, among.get(_grid(image))) for image in some)
    return sum(row is not None and image.equal(others[row]) for image, row in rows)


def _grid(image: Tensor) -> bytes:
    """Some pixels, enough to tell most pictures apart."""
    height, width = image.shape[-2:]
    return image[:, :: height // 7 or 1, :: width // 7 or 1].numpy().tobytes()


def _one(splits: Sequence[Split]) -> Split:
    digits = max(split.labels.shape[1:] for split in splits)
    boxes = [split.boxes for split in splits if split.boxes is not None]
    sizes = [split.sizes for split in splits if split.sizes is not None]
    all_boxes, all_sizes = (len(known) == len(splits) for known in (boxes, sizes))
    return Split(
        images=torch.cat([split.images for split in splits]),
        labels=torch.cat([_filled(split.labels, digits, NONE) for split in splits]),
        boxes=torch.cat([_filled(box, (*digits, 4), torch.nan) for box in boxes])
        if all_boxes
        else None,
        sizes=torch.cat(sizes) if all_sizes else None,
    )


def _filled(values: Tensor, shape: Sequence[int], value: float) -> Tensor:
    """The same rows, with that in the places which shorter numbers do not have."""
    made = values.new_full((len(values), *shape), value)
    made[tuple(slice(side) for side in values.shape)] = values
    return made
