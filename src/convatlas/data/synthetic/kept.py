"""Drawn pictures as a split: drawn once, then mapped from a file."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from convatlas.data.dataset import Split, SplitName
from convatlas.data.mapped import create_mapped, open_mapped
from convatlas.data.numbered import SHAPE
from convatlas.data.synthetic.picture import Drawn, draw
from convatlas.errors import DataError
from convatlas.house_number import PLACES, encode
from convatlas.progress import Progress
from convatlas.whole_files import whole_file

JOB = "drawing numbers"
KEPT = 200  # from so many pictures on they are kept in a file
AHEAD = 64  # pictures that are drawn before their turn


def drawn_split(
    seed: int, split: SplitName, count: int, cache: Path, progress: Progress
) -> Split:
    """The first ``count`` pictures of a split.

    Args:
        seed: of all pictures.
        split: which.
        count: how many.
        cache: name of the file that keeps them, without its ending; it must stand for
            all that changes a picture. Its folder is made.
        progress: told the pictures so far.

    Raises:
        DataError: the file cannot be written.
    """
    if count < KEPT:
        images = torch.empty(count, *SHAPE, dtype=torch.uint8)
        return _split(images, _fill(images, seed, split, progress))
    pixels, said = cache.with_suffix(".pixels"), cache.with_suffix(".npz")
    if not (pixels.is_file() and said.is_file()):
        try:
            _write(pixels, said, seed, split, count, progress)
        except OSError as error:
            size = count * SHAPE[0] * SHAPE[1] * SHAPE[2]
            raise DataError(
                f"{pixels}: {size / 1e9:.1f} GB of drawn pictures cannot be kept there "
                f"({error.strerror}); name another folder (--data-dir) or fewer "
                "pictures, e.g. synthetic-numbers@2000"
            ) from None
    with np.load(said, allow_pickle=False) as arrays:
        answers = {name: torch.from_numpy(arrays[name]) for name in arrays.files}
    return _split(open_mapped(pixels, count, SHAPE), answers)


def _write(
    pixels: Path,
    said: Path,
    seed: int,
    split: SplitName,
    count: int,
    progress: Progress,
) -> None:
    """The pixels under another name first; the labels last: with them all is there."""
    pixels.parent.mkdir(parents=True, exist_ok=True)
    part = pixels.with_suffix(f".pixels.{os.getpid()}.part")
    try:
        images = create_mapped(part, count, SHAPE)
        answers = _fill(images, seed, split, progress)
        del images
        part.replace(pixels)
    finally:
        part.unlink(missing_ok=True)
    with whole_file(said) as file:
        np.savez(
            file,
            labels=answers["labels"].numpy(),
            boxes=answers["boxes"].numpy(),
            sizes=answers["sizes"].numpy(),
        )


def _split(images: Tensor, answers: dict[str, Tensor]) -> Split:
    return Split(
        images=images,
        labels=answers["labels"],
        boxes=answers["boxes"],
        sizes=answers["sizes"],
    )


def _fill(
    images: Tensor, seed: int, split: SplitName, progress: Progress
) -> dict[str, Tensor]:
    """Draws into ``images`` with all processors; labels, boxes and sizes."""
    count = len(images)
    labels = torch.empty(count, PLACES, dtype=torch.int64)
    boxes = torch.full((count, PLACES, 4), torch.nan)
    sizes = torch.empty(count, 2, dtype=torch.int64)

    def work(first: int) -> int:
        last = min(first + AHEAD, count)
        for index in range(first, last):
            made = draw(seed, split, index)
            images[index] = canvas(made)
            labels[index] = encode([made.number])[0]
            boxes[index, : len(made.number)] = torch.from_numpy(made.boxes)
            sizes[index] = torch.tensor(made.image.size[::-1])
        return last

    pool = ThreadPoolExecutor(os.cpu_count())
    try:
        progress(JOB, 0, count, "pictures")
        for last in pool.map(work, range(0, count, AHEAD)):
            progress(JOB, last, count, "pictures")
    finally:
        pool.shutdown(cancel_futures=True)
    return {"labels": labels, "boxes": boxes, "sizes": sizes}


def canvas(made: Drawn) -> Tensor:
    """3 × 128 × 256, uint8: the photo as readers of photos scale it."""
    height, width = SHAPE[1:]
    scaled = made.image.resize((width, height), Image.Resampling.BILINEAR)
    return torch.from_numpy(np.array(scaled)).permute(2, 0, 1)
