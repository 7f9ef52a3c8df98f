"""The data sets that are on this machine; nothing is ever downloaded for a request."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from convatlas.serve.faults import Fault

if TYPE_CHECKING:
    from convatlas.data.dataset import Dataset
    from convatlas.data.entry import Entry

DEFAULT = "digits-5k"  # comes with the package
KEPT = 3  # open at a time


def at_hand(folder: Path | None) -> "dict[str, Entry]":
    """The data sets of the catalogue whose pictures have classes and are there.

    Args:
        folder: that holds data sets, as the user chose it.
    """
    from convatlas.data import cifar, digits, mnist, svhn
    from convatlas.data.location import data_folder

    where = data_folder(folder)
    rooms = (digits, mnist, cifar, svhn)  # the others hold house numbers
    entries = [entry for room in rooms for entry in room.ENTRIES]
    return {one.name: one for one in entries if one.present(where)}


def opened(name: str, folder: Path | None) -> "Dataset":
    """A data set by its name.

    Raises:
        Fault: 404, it is not at hand.
        DataError: it is damaged.
    """
    known = at_hand(folder)
    if name not in known:
        raise Fault(
            404,
            "data_unknown",
            f"no data set {name!r} with classes is at hand; there are "
            f"{', '.join(known)} ('convatlas data' lists what can be had)",
        )
    return _opened(name, folder)


@lru_cache(KEPT)
def _opened(name: str, folder: Path | None) -> "Dataset":
    from convatlas.data.catalogue import load

    return load(name, folder=folder)
