"""Reads the idx files of MNIST and its relatives, plain or gzipped.

Source: LeCun, Cortes and Burges, "The MNIST database of handwritten digits", section
"File formats": two zero bytes, a type code, the number of dimensions, the size of each
dimension as a big-endian 32-bit number, then the values.
"""

import math
import warnings
import zlib
from pathlib import Path

import torch
from torch import Tensor

from convatlas.data import reading_ahead
from convatlas.data.reading_ahead import Content
from convatlas.errors import DataError

UINT8 = 8


def read_idx(path: Path) -> tuple[Tensor, Content]:
    """A file's values as a uint8 tensor, and what was read (for a checksum).

    Both are the same memory, so the values must not be changed.

    Args:
        path: of the file; a name that ends in ``.gz`` is unpacked.

    Raises:
        DataError: the file is no idx file of bytes, or not all of it is there.
    """
    try:
        read = reading_ahead.content(path)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"{path}: cannot be read ({error}); delete it and fetch it again"
        ) from None
    content = read.values
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
        return torch.empty(shape, dtype=torch.uint8), read
    with warnings.catch_warnings(action="ignore", category=UserWarning):
        values = torch.frombuffer(content, dtype=torch.uint8, offset=start)
    return values.reshape(shape), read
