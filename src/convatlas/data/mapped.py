"""Pixels in a file that is mapped into memory: nothing is read before it is used.

The system keeps as much of the file in memory as there is room and drops it again when
others need it, so a data set may be larger than the memory.
"""

import os
from pathlib import Path

import torch
from torch import Tensor

Shape = tuple[int, int, int]


def create_mapped(path: Path, count: int, shape: Shape) -> Tensor:
    """A new file of zeros as a tensor; what is written to it reaches the file.

    Args:
        path: of the file; what is there is lost.
        count: pictures.
        shape: (channels, height, width) of each.

    Returns:
        count C H W, uint8.

    Raises:
        OSError: no room, or a folder that cannot be written.
    """
    size = count * shape[0] * shape[1] * shape[2]
    with path.open("wb") as file:
        if hasattr(os, "posix_fallocate"):  # a full disk is an error now
            os.posix_fallocate(file.fileno(), 0, size)
        else:  # and a crash later, where there is no such call
            file.truncate(size)
    return _mapped(path, count, shape, shared=True)


def open_mapped(path: Path, count: int, shape: Shape) -> Tensor:
    """The file's pictures; what is written to the tensor does not reach the file."""
    return _mapped(path, count, shape, shared=False)


def _mapped(path: Path, count: int, shape: Shape, *, shared: bool) -> Tensor:
    size = count * shape[0] * shape[1] * shape[2]
    flat = torch.from_file(str(path), shared=shared, size=size, dtype=torch.uint8)
    return flat.reshape(count, *shape)
