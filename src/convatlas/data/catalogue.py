"""The data sets by name, and the one way to open any of them."""

from functools import partial
from pathlib import Path

from convatlas.data import cifar, digits, mchar, mnist, svhn, svhn_numbers
from convatlas.data.dataset import Dataset
from convatlas.data.entry import Entry
from convatlas.data.folder import PREFIX, load_folder
from convatlas.data.joined import joined
from convatlas.data.location import cache_folder, data_folder
from convatlas.data.obtain import obtain
from convatlas.data.own_numbers import PREFIX as NUMBERS
from convatlas.data.own_numbers import load_numbers
from convatlas.data.synthetic import entry as synthetic
from convatlas.errors import UnknownName
from convatlas.progress import Progress, silent

DEFAULT = "digits-5k"

SEPARATOR = "+"  # between data sets that are trained on together

OWN = (PREFIX, NUMBERS)  # of one's own pictures
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


def parts(name: str) -> tuple[str, ...]:
    """The data sets of ``A+B``, or the only one.

    A plus in the path of one's own pictures belongs to it unless a data set's name
    follows: ``folder:a+b+mnist`` is the folder ``a+b`` and MNIST.
    """
    found: list[str] = []
    for piece in name.split(SEPARATOR):
        if found and found[-1].startswith(OWN) and not _names_data(piece):
            found[-1] += SEPARATOR + piece
        else:
            found.append(piece)
    return tuple(found)


def judged_by(name: str) -> str:
    """The data set that validates and tests: A of ``A+B``, or the only one."""
    return parts(name)[0]


def _names_data(piece: str) -> bool:
    return piece in _entries or piece.startswith((*OWN, synthetic.PREFIX))


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
            pictures of both and judges by those of A; see ``parts``.
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
    names = parts(name)
    if len(names) > 1:
        again = partial(load, folder=folder, skip_bad=skip_bad, progress=progress)
        first = again(names[0], shape=shape)
        others = [again(part, shape=first.spec.shape) for part in names[1:]]
        return joined(name, [first, *others])
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
