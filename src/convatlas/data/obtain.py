"""Makes sure that the files of a data set lie in a data folder."""

import hashlib
import os
import shutil
import tarfile
import zlib
from collections.abc import Iterable
from pathlib import Path, PurePosixPath

from convatlas.data.entry import Entry, RemoteFile
from convatlas.data.location import VARIABLE
from convatlas.download import fetch
from convatlas.errors import MissingData
from convatlas.progress import Progress, silent
from convatlas.whole_files import whole_file

MIRROR_VARIABLE = "CONVATLAS_MIRROR"


def obtain(entry: Entry, folder: Path, progress: Progress = silent) -> tuple[str, ...]:
    """Downloads what is missing; does nothing when all is there.

    The environment variable ``CONVATLAS_MIRROR`` names a server that is asked first:
    any that serves a data folder as it is, e.g. ``python -m http.server``.

    Args:
        entry: the data set.
        folder: that holds data sets.
        progress: told the bytes so far.

    Returns:
        What the user should know, e.g. the checksum of a file that could only be
        checked by its size.

    Raises:
        MissingData: what could not be fetched, and which files to put where.
    """
    if entry.present(folder):
        return ()
    needed = entry.remote()
    remarks: list[str] = []
    try:
        if not needed:
            raise MissingData(f"{_few(entry.missing(folder))} not there")
        for file in needed:
            if file.folder:
                if not _has_folder(entry, folder, file.folder):
                    _fetch(file, folder, progress)
                    remarks += _remark(file, folder)
                    _unpack_all(folder / file.path, folder / file.folder, progress)
                continue
            if file.archive or _lacks(entry, folder, file):
                _fetch(file, folder, progress)
            if file.archive:
                _unpack(folder / file.path, entry.missing(folder), folder)
    except MissingData as error:
        advice = _advice(needed, folder) if needed else _own_way(entry, folder)
        raise MissingData(f"{entry.name}: {error}; {advice}") from None
    return tuple(remarks)


def _lacks(entry: Entry, folder: Path, file: RemoteFile) -> bool:
    return file.path in entry.missing(folder)


def _fetch(file: RemoteFile, folder: Path, progress: Progress) -> None:
    target = folder / file.path
    if target.is_file():
        return
    mirror = os.environ.get(MIRROR_VARIABLE, "")
    first = (f"{mirror.rstrip('/')}/{file.path}",) if mirror else ()
    checksum = f"md5:{file.md5}"
    if not file.md5 and file.size_bytes is not None:
        checksum = f"size:{file.size_bytes}"
    fetch((*first, *file.urls), target, checksum, progress)


def _has_folder(entry: Entry, folder: Path, wanted: str) -> bool:
    """Whether what the archive holds is there already, under any of its names."""
    return not any(name.startswith(f"{wanted}/") for name in entry.missing(folder))


def _remark(file: RemoteFile, folder: Path) -> list[str]:
    if file.md5:
        return []
    with (folder / file.path).open("rb") as archive:
        digest = hashlib.file_digest(archive, "sha256").hexdigest()
    return [
        f"{file.path}: {file.size_bytes:,} bytes as announced; nobody publishes a "
        f"checksum to compare with: sha256 {digest}"
    ]


def _unpack_all(archive: Path, target: Path, progress: Progress) -> None:
    """Takes a folder out of an archive, whole or not at all.

    Raises:
        MissingData: a broken archive, or one with files outside that folder.
    """
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    size = archive.stat().st_size
    try:
        with archive.open("rb") as raw, tarfile.open(fileobj=raw, mode="r|*") as tar:
            for member in tar:
                progress(f"unpacking {archive.name}", raw.tell(), size, "bytes")
                source = tar.extractfile(member) if member.isfile() else None
                if source is None:  # a folder; links and devices are left out
                    continue
                place = PurePosixPath(member.name)
                if place.parts[:1] != (target.name,) or ".." in place.parts:
                    raise tarfile.TarError(f"{member.name} lies outside {target.name}")
                inside = part.joinpath(*place.parts[1:])
                inside.parent.mkdir(parents=True, exist_ok=True)
                with inside.open("wb") as copy:
                    shutil.copyfileobj(source, copy)
        if not part.is_dir():
            raise tarfile.TarError("it is empty")
        part.rename(target)
    except (tarfile.TarError, EOFError, zlib.error) as error:
        raise MissingData(
            f"{archive} is not the archive it should be ({error}): delete it"
        ) from None
    except OSError as error:
        raise MissingData(f"{archive} cannot be unpacked ({error})") from None
    finally:
        shutil.rmtree(part, ignore_errors=True)


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
                with whole_file(target) as part:
                    shutil.copyfileobj(source, part)
    except (tarfile.TarError, EOFError, KeyError) as error:
        raise MissingData(
            f"{archive} is not the archive it should be ({error}): delete it"
        ) from None
    except OSError as error:
        raise MissingData(f"{archive} cannot be unpacked ({error})") from None


def _own_way(entry: Entry, folder: Path) -> str:
    """What to do about files that this program cannot fetch."""
    places = {str((folder / name).parent) for names in entry.files for name in names}
    return (
        f"{entry.where_from}, in {' or '.join(sorted(places))}, or name a folder that "
        f"has them (--data-dir or {VARIABLE})"
    )


def _few(names: list[str]) -> str:
    *others, last = (Path(name).name for name in names)
    return f"{', '.join(others)} and {last} are" if others else f"{last} is"


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
