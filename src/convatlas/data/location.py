"""Where data sets lie on this machine, and where what was made of them is kept."""

import os
import stat
from pathlib import Path

from platformdirs import user_cache_path

VARIABLE = "CONVATLAS_DATA"
CACHE = "decoded"  # folder for pixels of large data sets
ANY_WRITE = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH


def data_folder(folder: Path | None = None) -> Path:
    """The folder that holds data sets; it need not exist yet.

    Args:
        folder: as given by the user (``--data-dir``), or None for the environment
            variable ``CONVATLAS_DATA``, or else the cache folder of the platform.
    """
    if folder is not None:
        return Path(folder).expanduser()
    named = os.environ.get(VARIABLE, "")
    if named:
        return Path(named).expanduser()
    return user_cache_path("convatlas") / "data"


def cache_folder(folder: Path) -> Path:
    """Where to keep decoded pixels: in the data folder, if it is one to write to.

    A data folder that several people share is often closed to writing; the cache
    folder of the platform takes its place. The superuser may write everywhere, so the
    folder's own bits are asked.
    """
    if folder.is_dir():
        closed = not folder.stat().st_mode & ANY_WRITE
        if closed or not os.access(folder, os.W_OK):
            return user_cache_path("convatlas") / CACHE
    return folder / CACHE
