"""Files that appear whole or not at all: written under another name, then renamed."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import BinaryIO

_NUMBERS = count()  # several threads may write into one folder


@contextmanager
def whole_file(path: Path, *, new: bool = False) -> Iterator[BinaryIO]:
    """A file to write to, which takes its name when the block ends without a fault.

    After a fault nothing of it is left, and what was there before is as it was.

    Args:
        path: of the file; its folder is there.
        new: do not replace a file that is there.

    Raises:
        OSError: it cannot be written, or is there as a device or a pipe, which would be
            replaced by a file.
        FileExistsError: there is one already, and ``new``.
    """
    if path.exists() and not (path.is_file() or path.is_dir()):
        raise OSError(errno.EINVAL, "Is a device or a pipe, not a file", str(path))
    temporary = path.with_name(f".{os.getpid()}-{next(_NUMBERS)}.part")
    try:
        with temporary.open("xb") as file:
            yield file
        if new and path.exists():
            raise FileExistsError(f"{path}: there is such a file already")
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
