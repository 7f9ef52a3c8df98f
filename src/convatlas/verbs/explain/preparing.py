"""A user's picture as the network is to get it."""

import warnings
from pathlib import Path

from torch import Tensor

from convatlas.errors import DataError, PictureError, UsageError
from convatlas.looking.subjects import Subject
from convatlas.picture_files import look_at, upright
from convatlas.reading.windows import widened
from convatlas.verbs.run_reader import run_reader


class Preparing:
    """Reads picture files for one network.

    Args:
        subject: that gets them.
        digit: see ``explain``.
        finder: see ``explain``.

    Raises:
        UsageError: a finder for what reads no numbers, or one that finds none.
    """

    def __init__(
        self, subject: Subject, digit: bool | None, finder: Path | str | None
    ) -> None:
        self._subject = subject
        self._digit = digit
        self._reader = None
        if finder is None:
            return
        if subject.run is None:
            raise UsageError(
                f"--finder {finder}: {subject.id} was never trained; name a "
                "run that reads numbers"
            )
        self._reader = run_reader(subject.run.path, finder, device="cpu")

    def __call__(self, file: Path) -> Tensor:
        """C H W, uint8.

        Raises:
            PictureError: it cannot be read, or no digit stands out in it.
        """
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # look_at refuses what PIL warns of
            look_at(file)
            picture = upright(file)
        window = None
        if self._reader is not None:
            box = self._reader.boxes(picture)[-1]
            window = widened(box, self._reader.looks.margins[0], picture)
        try:
            return self._subject.prepare(picture, digit=self._digit, window=window)
        except DataError as error:
            raise PictureError(f"{file}: {error}") from None
