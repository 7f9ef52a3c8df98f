"""A folder with the page and all pictures, which appears as a whole."""

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from convatlas.errors import UsageError
from convatlas.plots.figure import write
from convatlas.progress import Progress, silent
from convatlas.report.drawn import figure_of
from convatlas.report.page import Language, page
from convatlas.verbs.explain import Explained
from convatlas.verbs.explain.section import Section, Shown

Format = Literal["png", "svg"]
PAGE = "index.html"
NETWORK = "network"  # folder of what is about no picture


def write_folder(
    explained: Explained,
    folder: Path,
    *,
    format: Format | None = "png",
    language: Language = "en",
    progress: Progress = silent,
) -> Path:
    """Writes the page and, beside it, every sheet as a picture file.

    All is drawn elsewhere first, so an interruption leaves the folder as it was; files
    of the same names are replaced one by one at the end, all others stay.

    Args:
        explained: what is shown.
        folder: made if it is not there.
        format: of the pictures; None: the page alone.
        language: of the page and the pictures' titles.
        progress: told how far it is.

    Returns:
        The page.

    Raises:
        UsageError: it cannot be written there.
    """
    check_place(folder)
    here = folder.absolute()
    # what becomes its content lies on its disk
    temporary = here.with_name(f".{here.name}.{os.getpid()}")
    if here.is_dir():
        temporary = here / f".{os.getpid()}"
    new = [above for above in here.parents if not above.exists()]
    try:
        temporary.mkdir(parents=True)
        sheets = list(_sheets(explained)) if format else []
        for number, (name, shown) in enumerate(sheets):
            progress("drawing", number, len(sheets), "sheets")
            path = temporary / f"{name}.{format}"
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                write(figure_of(shown, language), file, path.suffix[1:])
        progress("drawing", len(sheets), len(sheets), "sheets")
        (temporary / PAGE).write_text(page(explained, language), encoding="utf-8")
        _move(temporary, folder)
    except OSError as error:
        raise _cannot_be_written(folder, error) from None
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
        if not here.exists():
            for above in new:
                with contextlib.suppress(OSError):
                    above.rmdir()
    return folder / PAGE


def check_place(folder: Path) -> None:
    """Whether a folder can be made or written to; asked before all that takes time.

    Raises:
        UsageError: it is a file, or in one, or closed.
    """
    nearest = folder.absolute()
    try:
        while not nearest.exists():
            nearest = nearest.parent
    except OSError as error:
        raise _cannot_be_written(folder, error) from None
    if not nearest.is_dir():
        is_in = "is" if nearest == folder.absolute() else "lies in"
        raise UsageError(f"{folder}: {is_in} a file; name a folder with --out")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise UsageError(
            f"{folder}: cannot be written: permission denied; name another folder with "
            "--out"
        )


def _cannot_be_written(folder: Path, error: OSError) -> UsageError:
    return UsageError(f"{folder}: cannot be written: {error.strerror or error}")


def _sheets(explained: Explained) -> Iterator[tuple[str, Shown]]:
    """Every sheet with its path below the folder, without an ending."""
    taken = {NETWORK}
    for one in explained.pictures:
        stem = plain = _safe(one.file.stem)
        number = 2
        while stem in taken:
            stem, number = f"{plain}-{number}", number + 1
        taken.add(stem)
        yield from _of_sections(one.sections, stem)
    yield from _of_sections(explained.sections, NETWORK)


def _of_sections(
    sections: tuple[Section, ...], folder: str
) -> Iterator[tuple[str, Shown]]:
    for section in sections:
        for shown in section.shown:
            yield f"{folder}/{_safe(section.name)}/{_safe(shown.name)}", shown


def _safe(name: str) -> str:
    """A name for a file on any system."""
    return re.sub(r"[^\w.,-]+", "-", name).strip(".-") or "picture"


def _move(temporary: Path, folder: Path) -> None:
    if not folder.exists():
        temporary.replace(folder)
        return
    for path in sorted(temporary.rglob("*")):
        target = folder / path.relative_to(temporary)
        if path.is_dir():
            target.mkdir(exist_ok=True)
        else:
            path.replace(target)
