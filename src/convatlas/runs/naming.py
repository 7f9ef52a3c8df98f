"""What a new run is called."""

from pathlib import Path


def free_path(folder: Path, stem: str) -> Path:
    """``folder/stem-N`` with the smallest N from 1 that is above every used one."""
    used = [
        int(rest)
        for path in (folder.glob(f"{stem}-*") if folder.is_dir() else ())
        if (rest := path.name.removeprefix(f"{stem}-")).isdigit()
    ]
    return folder / f"{stem}-{max(used, default=0) + 1}"
