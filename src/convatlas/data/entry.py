"""What the catalogue knows of a data set before a file of it is opened."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from convatlas.data.dataset import Dataset
from convatlas.data.numbered import NumberList
from convatlas.progress import Progress


@dataclass(frozen=True)
class RemoteFile:
    """A file that can be downloaded.

    Attributes:
        path: where it goes, relative to the data folder, e.g.
            ``"MNIST/raw/train-images-idx3-ubyte.gz"``.
        urls: where it can be had, tried in this order.
        md5: checksum of the whole file, as its publisher or torchvision states it;
            empty where nobody does.
        archive: whether it is a tar archive whose members are the files to read.
        size_bytes: of the whole file, where there is no checksum.
        folder: of an archive: the folder that it holds, relative to the data folder,
            where all of it is wanted.
    """

    path: str
    urls: tuple[str, ...]
    md5: str
    archive: bool = False
    size_bytes: int | None = None
    folder: str | None = None


@dataclass(frozen=True)
class Entry:
    """A data set of the catalogue.

    Attributes:
        name: e.g. ``"mnist"``.
        title: in a few words.
        shape: (channels, height, width) of a picture.
        classes: how many.
        train: pictures of the training split.
        validation: pictures of the validation split.
        test: pictures of the test split.
        size_bytes: to download; 0 when nothing needs to be.
        licence: terms of use.
        source: where it comes from, for citing.
        read: opens the files in a data folder that holds them.
        files: each file that ``read`` needs, relative to the data folder, with the
            names under which it may lie there; the first is the one to download.
        remote: finds out where the files can be had (may import torchvision).
        numbers: of house numbers: what their lists say, without decoding a picture.
        where_from: of files that only the user can fetch: where they are.
    """

    name: str
    title: str
    shape: tuple[int, int, int]
    classes: int
    train: int
    validation: int
    test: int
    size_bytes: int
    licence: str
    source: str
    read: Callable[[Path, Progress], Dataset]
    files: tuple[tuple[str, ...], ...] = ()
    remote: Callable[[], tuple[RemoteFile, ...]] = tuple
    numbers: Callable[[Path, Progress], NumberList] | None = None
    where_from: str = ""

    @property
    def images(self) -> int:
        """Pictures of all three splits."""
        return self.train + self.validation + self.test

    def missing(self, folder: Path) -> list[str]:
        """The files that are not in a data folder, by the name to download."""
        return [
            names[0]
            for names in self.files
            if not any((folder / name).is_file() for name in names)
        ]

    def present(self, folder: Path) -> bool:
        """Whether all files are in a data folder."""
        return not self.missing(folder)


def first_present(folder: Path, names: tuple[str, ...]) -> Path:
    """The file of ``names`` that is there; the last of them if none is."""
    for name in reversed(names):
        if (folder / name).is_file():
            return folder / name
    return folder / names[0]
