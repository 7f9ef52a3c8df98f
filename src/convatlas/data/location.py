"""Where data sets lie on this machine."""

import os
from pathlib import Path

from platformdirs import user_cache_path

VARIABLE = "CONVATLAS_DATA"


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
