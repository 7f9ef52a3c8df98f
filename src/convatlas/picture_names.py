"""Which picture files a user means by names of files, folders and patterns."""

import glob
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from convatlas.errors import DataError
from convatlas.picture_files import READABLE

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff", ".ppm")


def find_pictures(names: Iterable[str | Path], *, recursive: bool = True) -> list[Path]:
    """The picture files that a user means.

    Args:
        names: files (taken as they are), folders (all pictures in them) and patterns
            such as ``"scans/*.png"`` or ``"**/7_*"``.
        recursive: of folders: also what lies in folders inside.

    Returns:
        Each file once, in the order of the names, within one in natural order
        (``2.png`` before ``10.png``).

    Raises:
        DataError: a name that leads to no file.
    """
    found: dict[Path, None] = {}
    for name in names:
        try:
            for path in _meant(str(name), recursive):
                found.setdefault(path)
        except OSError as error:
            raise DataError(f"{name}: {error.strerror or error}") from None
    return list(found)


def natural_key(path: Path | str) -> list[tuple[bool, int, str]]:
    """Sorts numbers inside names by value."""
    pieces = re.split(r"(\d+)", str(path).casefold())
    return [
        (not piece.isdecimal(), int(piece) if piece.isdecimal() else 0, piece)
        for piece in pieces
    ]


def hidden(path: Path) -> bool:
    """Whether a file manager put it there, e.g. ``.DS_Store`` or ``Thumbs.db``."""
    return path.name.startswith(".") or path.name.casefold() in (
        "thumbs.db",
        "desktop.ini",
    )


def _meant(name: str, recursive: bool) -> Sequence[Path]:
    path = Path(name).expanduser()
    if path.is_dir():
        os.scandir(path).close()  # of a closed folder a pattern only finds nothing
        inside = [
            p
            for p in (path.rglob("*") if recursive else path.iterdir())
            if p.suffix.casefold() in ENDINGS and p.is_file() and not hidden(p)
        ]
        if not inside:
            inner = "" if recursive else "; folders inside it were not looked into"
            raise DataError(f"{name}: a folder without pictures ({READABLE}){inner}")
        return sorted(inside, key=natural_key)
    if path.exists():
        return [path]
    matches = [Path(match) for match in glob.glob(str(path), recursive=True)]
    files = [match for match in matches if match.is_file() and not hidden(match)]
    if not files:
        what = "no file matches" if glob.has_magic(name) else "no such file or folder"
        raise DataError(f"{name}: {what}")
    return sorted(files, key=natural_key)
