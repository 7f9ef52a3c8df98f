"""Writing a file of a run: all of the new content or all of the old."""

import json
import os
from pathlib import Path

from convatlas.errors import RunError


def write_json(path: Path, value: object) -> None:
    """Replaces a JSON file."""
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    write(path, text.encode())


def write(path: Path, content: bytes | memoryview) -> None:
    """Replaces a file in one step, after the new content has reached the disk.

    Raises:
        RunError: it cannot be written; the old file is as it was.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with temporary.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise RunError(
            f"{path}: cannot be written: {error.strerror or error}"
        ) from None
