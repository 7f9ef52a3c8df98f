"""Many picture files as one uint8 tensor; when large, mapped to a file."""

import json
import os
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch
from torch import Tensor

from convatlas.data.ahead import in_order
from convatlas.data.mapped import create_mapped, open_mapped
from convatlas.data.pictures import decode
from convatlas.errors import DataError, PictureError
from convatlas.progress import Progress
from convatlas.whole_files import whole_file

LARGE_BYTES = 1 << 30  # from here on pixels are mapped to a file
FORMAT = 1  # of the file's note; another one is made anew
JOB = "decoding"


@dataclass(frozen=True)
class Decoded:
    """The pictures that could be read.

    Attributes:
        images: N C H W, uint8.
        rows: for each picture, the position of its file in the list.
        left_out: position and reason of each file that could not be read.
    """

    images: Tensor
    rows: list[int]
    left_out: dict[int, str]


def decode_all(
    paths: Sequence[Path],
    shape: tuple[Literal[1, 3], int, int],
    *,
    skip_bad: bool,
    cache: Path,
    progress: Progress,
    large_bytes: int = LARGE_BYTES,
) -> Decoded:
    """Decodes files, scaled to one shape, with all processors.

    Args:
        paths: the files, in the order of the rows.
        shape: (channels, height, width) of every picture.
        skip_bad: leave unreadable files out instead of raising.
        cache: where to keep the pixels when they are large; the name must stand for
            the content of all files, the cut and the shape. Its folder is made.
        progress: told the pictures so far.
        large_bytes: from how many bytes of pixels on the file is used.

    Raises:
        PictureError: the first file that cannot be read, unless ``skip_bad``.
        DataError: the cache cannot be written.
    """
    channels, height, width = shape
    size = len(paths) * channels * height * width
    if size < large_bytes:
        images = torch.empty(len(paths), channels, height, width, dtype=torch.uint8)
        rows, left_out = _fill(images, paths, skip_bad, progress)
        return Decoded(images[: len(rows)], rows, left_out)
    note = cache.with_suffix(".json")
    kept = _read_note(note)
    if kept is None or not cache.is_file() or cache.stat().st_size != size:
        try:
            kept = _write(cache, note, paths, shape, skip_bad, progress)
        except OSError as error:
            raise DataError(
                f"{cache}: {size / 1e9:.1f} GB of pixels cannot be kept there "
                f"({error.strerror}); name another folder (--data-dir)"
            ) from None
    rows, left_out = kept
    if left_out and not skip_bad:
        raise PictureError(next(iter(left_out.values())))
    return Decoded(open_mapped(cache, len(paths), shape)[: len(rows)], rows, left_out)


def _write(
    cache: Path,
    note: Path,
    paths: Sequence[Path],
    shape: tuple[Literal[1, 3], int, int],
    skip_bad: bool,
    progress: Progress,
) -> tuple[list[int], dict[int, str]]:
    """Makes the file under another name, then its note: a note means all is there."""
    cache.parent.mkdir(parents=True, exist_ok=True)
    part = cache.with_suffix(f".{os.getpid()}.part")
    try:
        images = create_mapped(part, len(paths), shape)
        rows, left_out = _fill(images, paths, skip_bad, progress)
        del images
        part.replace(cache)
    finally:
        part.unlink(missing_ok=True)
    text = json.dumps({"format": FORMAT, "rows": rows, "left_out": left_out})
    with whole_file(note) as file:
        file.write(text.encode())
    return rows, left_out


def _read_note(note: Path) -> tuple[list[int], dict[int, str]] | None:
    try:
        content = json.loads(note.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    if content.get("format") != FORMAT:
        return None
    return content["rows"], {int(k): v for k, v in content["left_out"].items()}


def _fill(
    images: Tensor, paths: Sequence[Path], skip_bad: bool, progress: Progress
) -> tuple[list[int], dict[int, str]]:
    """Decodes into the first rows of ``images``; which files, and which not."""
    channels: Literal[1, 3] = 1 if images.shape[1] == 1 else 3
    size = images.shape[2], images.shape[3]
    rows: list[int] = []
    left_out: dict[int, str] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of odd notes in a picture's header
        for position, result in enumerate(_results(paths, channels, size)):
            progress(JOB, position, len(paths), "pictures")
            if isinstance(result, PictureError):
                if not skip_bad:
                    raise result
                left_out[position] = str(result)
                continue
            images[len(rows)] = result
            rows.append(position)
    progress(JOB, len(paths), len(paths), "pictures")
    return rows, left_out


def _results(
    paths: Sequence[Path], channels: Literal[1, 3], size: tuple[int, int]
) -> Iterator[Tensor | PictureError]:
    """Pictures or faults in the order of the files."""

    def work(path: Path) -> Tensor | PictureError:
        try:
            return decode(path, channels, size)
        except PictureError as error:
            return error

    return in_order(work, paths)
