"""Files that a thread unpacks while the processor's other core imports torch."""

import gzip
import hashlib
import zlib
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from convatlas.data.location import data_folder

# files of MNIST's format, and torchvision's folder for those of a data set
PARTS = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
FOLDERS = {"mnist": "MNIST", "fashion-mnist": "FashionMNIST"}
# a packed file that says it holds more, as one that is cut may, is not believed
USUAL_RATIO = 20


@dataclass(frozen=True)
class Content:
    """A file's bytes, unpacked, and their sha256 so far, to be copied and added to."""

    values: bytes
    sha256: "hashlib._Hash"


_begun: dict[Path, Future[Content]] = {}


def begin(data_name: str, folder: Path | None) -> None:
    """Begins to unpack a data set's training files, if they are there; the files of
    other formats are not read all at once, or are small.

    Args:
        data_name: of any data set.
        folder: that holds data sets, as ``data.load`` has it.
    """
    if data_name not in FOLDERS:
        return
    raw = data_folder(folder) / FOLDERS[data_name] / "raw"
    threads = ThreadPoolExecutor(1)
    for part in PARTS[:2]:
        path = raw / f"{part}.gz"
        plain_comes_first = (raw / part).is_file()
        if path.is_file() and not plain_comes_first and path not in _begun:
            _begun[path] = threads.submit(_read, path)
    threads.shutdown(wait=False)


def content(path: Path) -> Content:
    """What is in a file, unpacked if its name ends in ``.gz``.

    Raises:
        OSError, EOFError, zlib.error: it cannot be read.
    """
    begun = _begun.pop(path, None)
    return _read(path) if begun is None else begun.result()


def _read(path: Path) -> Content:
    values = unpacked(path)
    return Content(values, hashlib.sha256(values))


def unpacked(path: Path) -> bytes:
    """The bytes alone."""
    packed = path.read_bytes()
    if path.suffix != ".gz":
        return packed
    # the length at the end spares copies while the block grows, which cost as much as
    # unpacking; it is that of the last part of a file that was packed in parts
    told = int.from_bytes(packed[-4:], "little")
    if 0 < told <= USUAL_RATIO * len(packed):
        found = zlib.decompress(packed, wbits=31, bufsize=told)
        if len(found) == told:
            return found
    return gzip.decompress(packed)
