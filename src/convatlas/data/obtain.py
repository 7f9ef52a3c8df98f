"""Makes sure that the files of a data set lie in a data folder."""

import os
import tarfile
from collections.abc import Iterable
from pathlib import Path

from convatlas.data.entry import Entry, RemoteFile
from convatlas.data.location import VARIABLE
from convatlas.download import fetch
from convatlas.errors import MissingData
from convatlas.progress import Progress, silent

MIRROR_VARIABLE = "CONVATLAS_MIRROR"


def obtain(entry: Entry, folder: Path, progress: Progress = silent) -> None:
    """Downloads what is missing; does nothing when all is there.

    The environment variable ``CONVATLAS_MIRROR`` names a server that is asked first:
    any that serves a data folder as it is, e.g. ``python -m http.server``.

    Args:
        entry: the data set.
        folder: that holds data sets.
        progress: told the bytes so far.

    Raises:
        MissingData: what could not be fetched, and which files to put where.
    """
    if entry.present(folder):
        return
    needed = entry.remote()
    try:
        for file in needed:
            if file.archive or _lacks(entry, folder, file):
                _fetch(file, folder, progress)
            if file.archive:
                _unpack(folder / file.path, entry.missing(folder), folder)
    except MissingData as error:
        raise MissingData(f"{entry.name}: {error}; {_advice(needed, folder)}") from None


def _lacks(entry: Entry, folder: Path, file: RemoteFile) -> bool:
    return file.path in entry.missing(folder)


def _fetch(file: RemoteFile, folder: Path, progress: Progress) -> None:
    target = folder / file.path
    if target.is_file():
        return
    mirror = os.environ.get(MIRROR_VARIABLE, "")
    first = (f"{mirror.rstrip('/')}/{file.path}",) if mirror else ()
    fetch((*first, *file.urls), target, f"md5:{file.md5}", progress)


def _unpack(archive: Path, wanted: Iterable[str], folder: Path) -> None:
    """Takes the wanted members out, each whole or not at all."""
    try:
        with tarfile.open(archive) as content:
            for name in wanted:
                source = content.extractfile(name)
                if source is None:
                    raise KeyError(name)
                target = folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                part = target.with_name(f"{target.name}.part")
                part.write_bytes(source.read())
                part.replace(target)
    except (tarfile.TarError, EOFError, KeyError) as error:
        raise MissingData(
            f"{archive} is not the archive it should be ({error}): delete it"
        ) from None
    except OSError as error:
        raise MissingData(f"{archive} cannot be unpacked ({error})") from None


def _advice(needed: Iterable[RemoteFile], folder: Path) -> str:
    by_folder: dict[Path, list[str]] = {}
    for file in needed:
        path = folder / file.path
        by_folder.setdefault(path.parent, []).append(path.name)
    places = [f"{', '.join(names)} into {place}" for place, names in by_folder.items()]
    return (
        f"put {' and '.join(places)}, or name a folder that has them "
        f"(--data-dir or {VARIABLE})"
    )
