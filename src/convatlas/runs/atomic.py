"""Writing a file of a run: all of the new content or all of the old."""

import json
import os
from pathlib import Path

from convatlas.errors import RunError
from convatlas.whole_files import whole_file


def write_json(path: Path, value: object) -> None:
    """Replaces a JSON file."""
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    write(path, text.encode())


def write(path: Path, content: bytes | memoryview) -> None:
    """Replaces a file in one step, after the new content has reached the disk.

    Raises:
        RunError: it cannot be written; the old file is as it was.
    """
    try:
        with whole_file(path) as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise RunError(
            f"{path}: cannot be written: {error.strerror or error}"
        ) from None
