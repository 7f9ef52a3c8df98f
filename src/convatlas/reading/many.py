"""Any number of pictures, in order, with as many in memory as there are threads.

Each thread takes one picture through everything. Batches of pictures would save less
than a tenth of the networks' time (1, 8, 24 pictures a call: 1.85, 1.88, 1.92 ms a
picture for street-finder, 3.68, 3.33, 3.24 ms for street-reader, one thread of a Xeon
with AVX-512) and keep all of them decoded.
"""

import os
import warnings
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from PIL import Image

from convatlas.errors import PictureError, UsageError
from convatlas.picture_files import upright
from convatlas.reading.answers import Lengths
from convatlas.reading.drawing import FreeNames, drawn
from convatlas.reading.reader import Located, Reader
from convatlas.whole_files import whole_file

STDIN = "-"  # the name of a picture that came as bytes
AHEAD = 2  # pictures that wait for each thread; what waits is a name, no pixels

Picture = Path | bytes


@dataclass(frozen=True)
class PictureRead:
    """What was read in a picture.

    Attributes:
        file: as it was named.
        number: its digits, empty where none was seen; None where the reader is not
            sure enough to say it.
        confidence: probability of the whole number, also of one that is not said.
        digits: probability of each digit; none where no number is said.
        box: left, top, right, bottom of the number in pixels of the upright picture.
        width: of that picture.
        height: of that picture.
        seconds: that it took, decoding included.
        drawn: the picture with its box, where one was asked for.
    """

    file: str
    number: str | None
    confidence: float
    digits: tuple[float, ...]
    box: tuple[int, int, int, int]
    width: int
    height: int
    seconds: float
    drawn: Path | None = None


@dataclass(frozen=True)
class LeftOut:
    """A picture that could not be read, and a line that says why."""

    file: str
    reason: str


@dataclass(frozen=True)
class Wish:
    """What is wanted of every picture.

    Attributes:
        lengths: fewest and most digits, if that is known.
        min_confidence: a number is not said below this.
        boxes: folder for pictures with their boxes.
    """

    lengths: Lengths | None = None
    min_confidence: float = 0.0
    boxes: Path | None = None


def read_each(
    reader: Reader,
    pictures: Iterable[Picture | LeftOut],
    wish: Wish,
    threads: int | None = None,
) -> Iterator[PictureRead | LeftOut]:
    """Reads pictures one after the other as they are asked for.

    While it runs, warnings (PIL has many on odd files) are silent.

    Args:
        reader: of which each thread makes use.
        pictures: files, or the bytes of files; may be endless. What was left out
            before is given on.
        wish: what is wanted.
        threads: pictures at a time; as many as there are cores when None.

    Raises:
        UsageError: the folder for boxes cannot be written to.
    """
    workers = threads or os.cpu_count() or 1
    most = workers * AHEAD
    names = _free_names(wish.boxes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pool = ThreadPoolExecutor(workers)
        waiting: deque[Future[_Result]] = deque()
        try:
            for picture in pictures:
                place = _place(picture, names)
                waiting.append(pool.submit(_one, reader, picture, wish, place))
                # what is done goes out before anybody waits for the next name
                while waiting and (len(waiting) > most or waiting[0].done()):
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


_Result = PictureRead | LeftOut


def _one(
    reader: Reader, picture: Picture | LeftOut, wish: Wish, place: Path | None
) -> _Result:
    if isinstance(picture, LeftOut):
        return picture
    started = perf_counter()
    name = str(picture) if isinstance(picture, Path) else STDIN
    try:
        image = upright(picture)
    except PictureError as error:
        return LeftOut(name, str(error))
    found = reader.read(image, wish.lengths)
    reading = found.reading
    sure = reading.confidence >= wish.min_confidence
    seconds = perf_counter() - started
    if place is not None:
        _draw(image, found, sure, place)
    return PictureRead(
        file=name,
        number=reading.number if sure else None,
        confidence=reading.confidence,
        digits=reading.digits if sure else (),
        box=_pixels(found, image),
        width=image.width,
        height=image.height,
        seconds=seconds,
        drawn=place,
    )


def _place(picture: Picture | LeftOut, names: FreeNames | None) -> Path | None:
    if names is None or isinstance(picture, LeftOut):
        return None
    return names.take(picture.stem if isinstance(picture, Path) else "stdin")


def _pixels(found: Located, image: Image.Image) -> tuple[int, int, int, int]:
    """A box of whole pixels with at least one of them."""
    left, top, right, bottom = (round(side) for side in found.box)
    left, top = min(left, image.width - 1), min(top, image.height - 1)
    return left, top, max(right, left + 1), max(bottom, top + 1)


def _draw(image: Image.Image, found: Located, sure: bool, place: Path) -> None:
    reading = found.reading
    said = (reading.number or "no number") if sure else "not sure"
    text = f"{said}  {reading.confidence:.0%}"
    try:
        with whole_file(place, new=True) as file:
            drawn(image, found.box, text).save(file, "PNG")
    except OSError as error:
        raise UsageError(
            f"--boxes: {place}: cannot be written ({error.strerror or error})"
        ) from None


def _free_names(folder: Path | None) -> FreeNames | None:
    if folder is None:
        return None
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(
            f"--boxes {folder}: cannot be made ({error.strerror or error})"
        ) from None
    return FreeNames(folder)
