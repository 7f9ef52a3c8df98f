"""MNIST and Fashion-MNIST: four idx files each, in torchvision's folders."""

from dataclasses import dataclass
from pathlib import Path

import torch

from convatlas.data.cut import stratified_cut
from convatlas.data.dataset import Dataset, Split, SplitName
from convatlas.data.digits import DIGITS
from convatlas.data.entry import Entry, RemoteFile, first_present
from convatlas.data.idx import read_idx
from convatlas.data.reading_ahead import FOLDERS, PARTS
from convatlas.errors import DataError
from convatlas.progress import Progress
from convatlas.spec import ImageSpec, LabelSpec

VALIDATION = 5_000
# beside torchvision's own mirrors; every file is checked against its checksum
MORE_MIRRORS = {
    "MNIST": ("https://storage.googleapis.com/cvdf-datasets/mnist/",),
    "FashionMNIST": (
        "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
    ),
}
CLOTHES = LabelSpec(
    (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    )
)


@dataclass(frozen=True)
class Kind:
    """What sets a data set in MNIST's format apart from the others.

    Attributes:
        name: in the catalogue.
        folder: torchvision's name of the class and of the folder.
        spec: shape, mean and standard deviation of the training split.
        labels: the classes.
        licence: terms of use.
        digits: whether the pictures are digits.
    """

    name: str
    folder: str
    spec: ImageSpec
    labels: LabelSpec
    licence: str
    digits: bool

    @property
    def files(self) -> tuple[tuple[str, ...], ...]:
        """The four files, each packed or plain."""
        return tuple(
            (f"{self.folder}/raw/{part}.gz", f"{self.folder}/raw/{part}")
            for part in PARTS
        )

    def read(self, folder: Path, progress: Progress) -> Dataset:
        """Opens the training files; the test files only when that split is asked for.

        Raises:
            DataError: a file that is broken or does not fit the others.
        """
        paths = [first_present(folder, names) for names in self.files]
        training, digest = _read_pair(paths[0], paths[1], self.labels.classes)
        stay, held = stratified_cut(training.labels, VALIDATION)

        def read_split(name: SplitName) -> Split:
            if name == "test":
                return _read_pair(paths[2], paths[3], self.labels.classes)[0]
            chosen = stay if name == "train" else held
            return Split(training.images[chosen], training.labels[chosen])

        return Dataset(
            name=self.name,
            spec=self.spec,
            labels=self.labels,
            sha256=digest,
            licence=self.licence,
            may_flip=not self.digits,
            centred_digits=self.digits,
            read_split=read_split,
        )

    def remote(self) -> tuple[RemoteFile, ...]:
        """Where the files can be had: torchvision's list and some mirrors more."""
        from torchvision import datasets

        listed = getattr(datasets, self.folder)
        mirrors = [*listed.mirrors, *MORE_MIRRORS[self.folder]]
        return tuple(
            RemoteFile(
                f"{self.folder}/raw/{name}", tuple(m + name for m in mirrors), md5
            )
            for name, md5 in listed.resources
        )


def _read_pair(image_path: Path, label_path: Path, classes: int) -> tuple[Split, str]:
    images, image_file = read_idx(image_path)
    labels, label_file = read_idx(label_path)
    if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels):
        raise DataError(
            f"{label_path}: labels of shape {tuple(labels.shape)} for pictures of "
            f"shape {tuple(images.shape)} in {image_path.name}"
        )
    if len(labels) and int(labels.max()) >= classes:
        raise DataError(
            f"{label_path}: holds the label {int(labels.max())}, "
            f"allowed are 0 to {classes - 1}"
        )
    digest = image_file.sha256.copy()
    digest.update(label_file.values)
    return Split(images.unsqueeze(1), labels.to(torch.int64)), digest.hexdigest()


def _entry(kind: Kind, title: str, size_bytes: int, source: str) -> Entry:
    return Entry(
        name=kind.name,
        title=title,
        shape=kind.spec.shape,
        classes=kind.labels.classes,
        train=60_000 - VALIDATION,
        validation=VALIDATION,
        test=10_000,
        size_bytes=size_bytes,
        licence=kind.licence,
        source=source,
        read=kind.read,
        files=kind.files,
        remote=kind.remote,
    )


ENTRIES = (
    _entry(
        Kind(
            name="mnist",
            folder=FOLDERS["mnist"],
            spec=ImageSpec(1, 28, 28, mean=(0.130644,), std=(0.308084,)),
            labels=DIGITS,
            licence="CC BY-SA 3.0",
            digits=True,
        ),
        title="handwritten digits",
        size_bytes=11_594_722,
        source="LeCun, Bottou, Bengio and Haffner 1998",
    ),
    _entry(
        Kind(
            name="fashion-mnist",
            folder=FOLDERS["fashion-mnist"],
            spec=ImageSpec(1, 28, 28, mean=(0.286044,), std=(0.353024,)),
            labels=CLOTHES,
            licence="MIT",
            digits=False,
        ),
        title="pieces of clothing from a shop",
        size_bytes=30_878_645,
        source="Xiao, Rasul and Vollgraf 2017, arXiv 1708.07747",
    ),
)
