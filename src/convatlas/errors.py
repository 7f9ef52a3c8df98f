"""Every fault a user can cause is one of these.

ConvatlasError
├── UsageError             a flag, name or value that cannot be used
│   ├── UnknownName        no such network, data set, recipe, column ...
│   ├── RecipeError        a recipe with unknown keys or impossible values
│   └── MissingExtra       an optional dependency is not installed
├── DataError              a data set that cannot be used as asked
│   ├── MissingData        files that are not there and could not be downloaded
│   └── PictureError       one picture file that cannot be read
│       ├── NoPicture      its content is no picture
│       └── PictureTooLarge  more pixels than are allowed
├── NetworkError           a network that cannot be built or traced as asked
│   └── InputSizeError     an input size that does not fit an architecture
├── RunError               a run directory that is missing, broken or too new
├── ReaderError            a reader of house numbers that is missing, broken or too new
├── ExportError            a network that cannot be written as asked
└── TrainingError          a training that cannot go on
    ├── Diverged           the loss became NaN or infinite
    └── SaidElsewhere      another process of the training tells the user why

A message is one line: what was wrong (the value repeated), what is allowed, what to
do. The terminal prints it after ``convatlas: `` and exits with status 2.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class ConvatlasError(Exception):
    """Base of all faults that a user can cause and mend."""


class UsageError(ConvatlasError):
    """A flag, a name or a value that cannot be used."""


class UnknownName(UsageError):
    """A name that is not in a list of known ones.

    Args:
        kind: what was looked for, e.g. ``"network"``.
        name: the name as given.
        known: every name that would have done.
        hint: what to do, e.g. ``"'convatlas networks' lists them"``.
    """

    def __init__(
        self, kind: str, name: str, known: Iterable[str], hint: str = ""
    ) -> None:
        self.name = name
        self.close = close_matches(name, known)
        message = f"no {kind} is called {name!r}"
        if self.close:
            message += f"; did you mean {' or '.join(self.close)}?"
        if hint:
            message += f" ({hint})"
        super().__init__(message)


class RecipeError(UsageError):
    """A recipe with unknown keys or impossible values."""


class MissingExtra(UsageError):
    """An optional dependency that is not installed.

    Args:
        what: what needs it, e.g. ``"--tensorboard"``.
        package: the package that is missing.
        extra: the extra of convatlas that brings it.
    """

    def __init__(self, what: str, package: str, extra: str) -> None:
        super().__init__(
            f"{what} needs the package {package!r}, which is not installed: "
            f"pip install 'convatlas[{extra}]'"
        )


class DataError(ConvatlasError):
    """A data set that cannot be used as asked."""


class MissingData(DataError):
    """Files of a data set that are not there and could not be downloaded."""


class PictureError(DataError):
    """One picture file that cannot be read; the message begins with its name."""


class NoPicture(PictureError):
    """A file whose content is not that of a picture."""


class PictureTooLarge(PictureError):
    """A picture with more pixels than are allowed."""


class NetworkError(ConvatlasError):
    """A network that cannot be built or traced as asked."""


class InputSizeError(NetworkError):
    """An input size that does not fit an architecture."""


class RunError(ConvatlasError):
    """A run directory that is missing, broken or written by a newer convatlas."""


class ReaderError(ConvatlasError):
    """A reader bundle that is missing, broken or made by a newer convatlas."""


class ExportError(ConvatlasError):
    """A network that cannot be written into another format as asked."""


class TrainingError(ConvatlasError):
    """A training that cannot go on."""


class Diverged(TrainingError):
    """The loss became NaN or infinite."""


class SaidElsewhere(TrainingError):
    """Another process of the same training tells the user what went wrong."""


def close_matches(name: str, known: Iterable[str]) -> list[str]:
    """The up to three known names that look most like ``name``, best first."""
    names = list(known)
    by_folded = {n.casefold(): n for n in names}
    found = get_close_matches(name.casefold(), by_folded, n=3, cutoff=0.6)
    starts = [n for n in names if n.startswith(name) and len(name) > 2]
    return list(dict.fromkeys([by_folded[f] for f in found] + starts[:3]))[:3]
