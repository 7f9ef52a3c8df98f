"""Reading the house numbers in a user's own pictures."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from convatlas.errors import DataError, PictureError, UsageError
from convatlas.picture_names import find_pictures
from convatlas.reading.answers import Lengths
from convatlas.reading.bundle import load_bundle, shipped_bundle
from convatlas.reading.many import LeftOut, Picture, PictureRead, Wish, read_each
from convatlas.reading.reader import Reader


@dataclass(frozen=True)
class NumbersRead:
    """The numbers, and the files that could not be read, each with the reason."""

    readings: tuple[PictureRead, ...]
    left_out: tuple[LeftOut, ...]


def read(
    pictures: str | Path | bytes | Sequence[str | Path | bytes],
    *,
    reader: Reader | Path | str | None = None,
    run: Path | str | None = None,
    finder: Path | str | None = None,
    whole: bool = False,
    digits: int | Lengths | None = None,
    min_confidence: float = 0.0,
    boxes: Path | str | None = None,
    recursive: bool = False,
    threads: int | None = None,
    device: str = "auto",
    skip_bad: bool = False,
) -> NumbersRead:
    """Reads the house number in each picture.

    Args:
        pictures: files, folders, globs, or the bytes of a picture file; one or many.
        reader: a folder made by ``convatlas export``, or what ``open_reader`` gave;
            the one that comes with the package when None.
        run: a run to read with instead, with torch.
        finder: a run that finds the number for it.
        whole: look for nothing: the pictures are cut-out numbers, or the run is to be
            shown whole ones all the same.
        digits: how many digits the numbers have: a count, or fewest and most.
        min_confidence: numbers below this are not said (``number`` is None).
        boxes: folder for pictures with the located number drawn.
        recursive: of folders: also what lies in folders inside.
        threads: pictures at a time; as many as there are cores when None.
        device: of a run, see ``train``.
        skip_bad: go on without pictures that cannot be read.

    Raises:
        ReaderError: no reader.
        PictureError: a picture that cannot be found or read, unless ``skip_bad``.
        UsageError: values that cannot be used.
    """
    several = [pictures] if isinstance(pictures, (str, Path, bytes)) else pictures
    wish = checked_wish(digits, min_confidence, boxes)
    if not isinstance(reader, Reader):
        reader = open_reader(
            reader, run=run, finder=finder, whole=whole, digits=digits, device=device
        )
    found = named(several, recursive=recursive)
    readings: list[PictureRead] = []
    left_out: list[LeftOut] = []
    for result in read_each(reader, found, wish, threads):
        if isinstance(result, PictureRead):
            readings.append(result)
        elif skip_bad:
            left_out.append(result)
        else:
            raise PictureError(result.reason)
    return NumbersRead(tuple(readings), tuple(left_out))


def open_reader(
    folder: Path | str | None = None,
    *,
    run: Path | str | None = None,
    finder: Path | str | None = None,
    whole: bool = False,
    digits: int | Lengths | None = None,
    device: str = "auto",
) -> Reader:
    """A reader by the names of its parts; the arguments are those of ``read``.

    Raises:
        ReaderError: no reader there.
        RunError: no run there.
        UsageError: parts that do not go together.
    """
    lengths = _lengths(digits)
    if run is not None:
        if folder is not None:
            raise UsageError("--reader and --run: choose one")
        from convatlas.verbs.run_reader import run_reader

        return run_reader(run, finder, whole=whole, lengths=lengths, device=device)
    if finder is not None:
        raise UsageError("--finder belongs to a run that reads: add --run RUN")
    bundle = shipped_bundle() if folder is None else load_bundle(Path(folder))
    check_lengths(lengths, bundle.places)
    return bundle.open(whole=whole)


def checked_wish(
    digits: int | Lengths | None,
    min_confidence: float,
    boxes: Path | str | None,
) -> Wish:
    """What is wanted of every picture, if it can be had.

    Raises:
        UsageError: it cannot.
    """
    if not 0 <= min_confidence <= 1:
        raise UsageError(
            f"min_confidence = {min_confidence}: a probability from 0 to 1"
        )
    return Wish(_lengths(digits), min_confidence, Path(boxes) if boxes else None)


def check_lengths(lengths: Lengths | None, places: int) -> None:
    """Refuses numbers that a reader cannot say.

    Raises:
        UsageError: it has fewer places.
    """
    if lengths is not None and lengths[1] > places:
        raise UsageError(
            f"digits = {lengths[1]}: this reader says numbers of at most {places}"
        )


def _lengths(digits: int | Lengths | None) -> Lengths | None:
    if digits is None:
        return None
    fewest, most = (digits, digits) if isinstance(digits, int) else digits
    if not 1 <= fewest <= most:
        raise UsageError(
            f"digits = {digits}: at least one digit, the smaller count first"
        )
    return fewest, most


def named(
    names: Iterable[str | Path | bytes], *, recursive: bool = False
) -> Iterator[Picture | LeftOut]:
    """Files and bytes in the order of the names, each file once.

    A name that leads to no picture is left out at once.
    """
    known: set[Path] = set()
    for name in names:
        if isinstance(name, bytes):
            yield name
            continue
        try:
            files = find_pictures([name], recursive=recursive)
        except DataError as error:
            yield LeftOut(str(name), str(error))
            continue
        for file in files:
            if file not in known:
                known.add(file)
                yield file
