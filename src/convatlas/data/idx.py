"""Reads the idx files of MNIST and its relatives, plain or gzipped.

Source: LeCun, Cortes and Burges, "The MNIST database of handwritten digits", section
"File formats": two zero bytes, a type code, the number of dimensions, the size of each
dimension as a big-endian 32-bit number, then the values.
"""

import gzip
import math
import os
import zlib
from contextlib import nullcontext
from pathlib import Path

import torch
from torch import Tensor

from convatlas.errors import DataError

UINT8 = 8
# a packed file that says it holds more, as one that is cut may, is not believed
USUAL_RATIO = 20


def read_idx(path: Path) -> tuple[Tensor, bytearray]:
    """A file's values as a uint8 tensor, and its unpacked bytes (for a checksum);
    they share their memory.

    Args:
        path: of the file; a name that ends in ``.gz`` is unpacked.

    Raises:
        DataError: the file is no idx file of bytes, or not all of it is there.
    """
    try:
        content = _content(path)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"{path}: cannot be read ({error}); delete it and fetch it again"
        ) from None
    if len(content) < 8 or content[:2] != b"\0\0" or content[2] != UINT8:
        raise DataError(
            f"{path}: is no idx file of bytes; delete it and fetch it again"
        )
    dimensions = content[3]
    start = 4 + 4 * dimensions
    shape = [
        int.from_bytes(content[4 + 4 * i : 8 + 4 * i], "big") for i in range(dimensions)
    ]
    found = len(content) - start
    if found != math.prod(shape):
        raise DataError(
            f"{path}: holds {found:,} values where its header says "
            f"{math.prod(shape):,}; delete it and fetch it again"
        )
    if not found:
        return torch.empty(shape, dtype=torch.uint8), content
    values = torch.frombuffer(content, dtype=torch.uint8, offset=start)
    return values.reshape(shape), content


def _content(path: Path) -> bytearray:
    """Unpacked into one block of the right size: memory that is new costs most here."""
    packed = path.suffix == ".gz"
    with path.open("rb") as plain:
        size = plain.seek(0, os.SEEK_END)
        if packed:  # its length ends a gzip file
            plain.seek(max(size - 4, 0))
            told = int.from_bytes(plain.read(4), "little")
            size = min(told, USUAL_RATIO * size)
        plain.seek(0)
        with gzip.open(plain) if packed else nullcontext(plain) as file:
            content = bytearray(size)
            left = memoryview(content)
            while left and (count := file.readinto(left)):
                left = left[count:]
            missing = len(left)
            left.release()
            del content[size - missing :]
            content += file.read()
    return content
