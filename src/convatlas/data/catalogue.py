"""The data sets by name, and the one way to open any of them."""

from functools import partial
from pathlib import Path

from convatlas.data import cifar, digits, mchar, mnist, svhn, svhn_numbers
from convatlas.data.dataset import Dataset
from convatlas.data.entry import Entry
from convatlas.data.folder import PREFIX, load_folder
from convatlas.data.joined import SEPARATOR, joined
from convatlas.data.location import cache_folder, data_folder
from convatlas.data.obtain import obtain
from convatlas.data.own_numbers import PREFIX as NUMBERS
from convatlas.data.own_numbers import load_numbers
from convatlas.data.synthetic import entry as synthetic
from convatlas.errors import UnknownName
from convatlas.progress import Progress, silent

DEFAULT = "digits-5k"

ROOMS = (digits, mnist, cifar, svhn, synthetic, svhn_numbers, mchar)

_entries: dict[str, Entry] = {
    entry.name: entry for room in ROOMS for entry in room.ENTRIES
}


def entries() -> tuple[Entry, ...]:
    """All data sets that have a name of their own."""
    return tuple(_entries.values())


def find(name: str) -> Entry:
    """The data set of that name.

    Raises:
        UnknownName: with close matches.
        DataError: drawn numbers, but no count of them.
    """
    if name.startswith(synthetic.PREFIX):
        return synthetic.of_size(name)
    try:
        return _entries[name]
    except KeyError:
        raise UnknownName(
            "data set",
            name,
            _entries,
            "'convatlas data' lists them; folder:PATH or numbers:FILE.csv take your "
            "own pictures",
        ) from None


def load(
    name: str = DEFAULT,
    *,
    folder: Path | None = None,
    shape: tuple[int, int, int] | None = None,
    skip_bad: bool = False,
    progress: Progress | None = None,
) -> Dataset:
    """Opens a data set, downloading it first where that is needed and possible.

    Args:
        name: of the catalogue, or for pictures of one's own ``folder:PATH`` (a folder
            a class) or ``numbers:FILE.csv`` (house numbers). ``A+B`` trains on the
            pictures of both and judges by those of A.
        folder: that holds data sets; the environment variable ``CONVATLAS_DATA`` or
            else the platform's cache folder when None.
        shape: of one's own pictures: (channels, height, width) to bring them to, e.g.
            that of a run; when None their own median size, or 3×128×256.
        skip_bad: of one's own pictures: leave unreadable pictures out and list them
            instead of stopping at the first.
        progress: told how far downloads and decoding are.

    Raises:
        UnknownName: no such data set.
        MissingData: files that are not there and could not be downloaded.
        DataError: files that cannot be used.
    """
    if SEPARATOR in name and not name.startswith((PREFIX, NUMBERS)):
        again = partial(
            load, folder=folder, shape=shape, skip_bad=skip_bad, progress=progress
        )
        return joined(name, [again(part) for part in name.split(SEPARATOR)])
    where = data_folder(folder)
    if name.startswith(PREFIX):
        return load_folder(
            name,
            cache=cache_folder(where),
            shape=shape,
            skip_bad=skip_bad,
            progress=progress or silent,
        )
    if name.startswith(NUMBERS):
        return load_numbers(
            name,
            cache=cache_folder(where),
            shape=shape,
            skip_bad=skip_bad,
            progress=progress or silent,
        )
    entry = find(name)
    obtain(entry, where, progress or silent)
    return entry.read(where, progress or silent)
