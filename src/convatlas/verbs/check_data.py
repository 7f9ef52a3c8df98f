"""Looks for what is wrong with a data set before anybody trains on it."""

from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from convatlas.data import load
from convatlas.data.catalogue import find
from convatlas.data.check import Finding, check_numbers
from convatlas.data.check_classes import check_classes
from convatlas.data.folder import PREFIX as FOLDER
from convatlas.data.location import data_folder
from convatlas.data.numbered import NumberList
from convatlas.data.numbers_csv import csv_path, list_csv
from convatlas.data.obtain import obtain
from convatlas.data.own_numbers import PREFIX as NUMBERS
from convatlas.errors import UsageError
from convatlas.house_number import PLACES
from convatlas.progress import Progress, silent


@dataclass(frozen=True)
class Checked:
    """What was looked at and what was found.

    Attributes:
        name: of the data set.
        pictures: that its lists name and that are there, by split.
        findings: by kind.
        lengths: of house numbers: pictures by how many digits they show.
    """

    name: str
    pictures: dict[str, int]
    findings: tuple[Finding, ...]
    lengths: dict[int, int]


def check_data(
    name: str,
    *,
    places: int = PLACES,
    data_dir: Path | None = None,
    progress: Progress = silent,
) -> Checked:
    """Opens every picture of a data set and compares all with all.

    Args:
        name: of the catalogue, ``numbers:FILE.csv`` or ``folder:PATH``.
        places: of house numbers: digits that a network can express.
        data_dir: where data sets lie.
        progress: told how far it is.

    Raises:
        UsageError: places below one.
        DataError: lists that are broken.
    """
    if places < 1:
        raise UsageError(f"--places {places}: a network needs at least one")
    listed = _listed(name, data_dir, progress)
    if listed is None:
        dataset = load(name, folder=data_dir, skip_bad=True, progress=progress)
        counts, found = check_classes(dataset, progress)
        return Checked(name, counts, tuple(found), {})
    found = check_numbers(listed, places, progress)
    lengths = Counter(
        len(item.number)
        for part, items in listed.splits.items()
        if part not in listed.unlabelled
        for item in items
    )
    return Checked(
        name=name,
        pictures={part: len(items) for part, items in listed.splits.items()},
        findings=tuple(found),
        lengths=dict(sorted(lengths.items())),
    )


def _listed(name: str, data_dir: Path | None, progress: Progress) -> NumberList | None:
    """What the lists of a data set of house numbers say; None of another one."""
    if name.startswith(NUMBERS):
        return list_csv(csv_path(name.removeprefix(NUMBERS)))
    if name.startswith(FOLDER):
        return None
    entry, folder = find(name), data_folder(data_dir)
    obtain(entry, folder, progress)
    return entry.numbers(folder, progress) if entry.numbers else None
