"""SVHN, the cropped form: one digit of a house number in 32×32 pixels."""

import hashlib
from pathlib import Path

import numpy as np
import torch

from convatlas.data.cut import stratified_cut
from convatlas.data.dataset import Dataset, Split, SplitName
from convatlas.data.digits import DIGITS
from convatlas.data.entry import Entry, RemoteFile, first_present
from convatlas.data.matlab import read_matlab
from convatlas.errors import DataError
from convatlas.progress import Progress
from convatlas.spec import ImageSpec

# torchvision's class keeps them directly in the folder it is given
FILES = tuple(
    (f"SVHN/{part}_32x32.mat", f"{part}_32x32.mat") for part in ("train", "test")
)
VALIDATION_SHARE = 0.1
LICENCE = "non-commercial use only"
# of all training pictures, validation among them
SPEC = ImageSpec(3, 32, 32, mean=(0.4377, 0.4438, 0.4728), std=(0.198, 0.201, 0.197))


def read(folder: Path, progress: Progress) -> Dataset:
    """Opens the training file; the test file when that split is asked for.

    Raises:
        DataError: a file that is broken.
    """
    training_path, test_path = (first_present(folder, names) for names in FILES)
    training, digest = _read_file(training_path)
    held_count = round(len(training) * VALIDATION_SHARE)
    stay, held = stratified_cut(training.labels, held_count)

    def read_split(name: SplitName) -> Split:
        if name == "test":
            return _read_file(test_path)[0]
        chosen = stay if name == "train" else held
        return Split(training.images[chosen], training.labels[chosen])

    return Dataset(
        name="svhn-cropped",
        spec=SPEC,
        labels=DIGITS,
        sha256=digest,
        licence=LICENCE,
        may_flip=False,
        centred_digits=False,
        read_split=read_split,
    )


def remote() -> tuple[RemoteFile, ...]:
    """Where torchvision gets the two files."""
    from torchvision.datasets import SVHN as listed

    return tuple(
        RemoteFile(f"SVHN/{name}", (url,), md5)
        for url, name, md5 in (listed.split_list[part] for part in ("train", "test"))
    )


def _read_file(path: Path) -> tuple[Split, str]:
    arrays, content = read_matlab(path)
    pixels, numbers = arrays.get("X"), arrays.get("y")
    if (
        pixels is None
        or numbers is None
        or pixels.dtype != np.uint8
        or pixels.shape != (numbers.size, *SPEC.shape)
        or not 1 <= numbers.min() <= numbers.max() <= 10
    ):
        raise DataError(
            f"{path}: does not hold 32×32 pictures with labels 1 to 10; delete it and "
            "fetch it again"
        )
    # the file has columns before rows, and calls the digit 0 "10"
    images = torch.from_numpy(pixels.transpose(0, 1, 3, 2).copy())
    labels = torch.from_numpy(numbers.reshape(-1).astype(np.int64) % 10)
    return Split(images, labels), hashlib.sha256(content).hexdigest()


ENTRIES = (
    Entry(
        name="svhn-cropped",
        title="digits of house numbers, cropped from street photos",
        shape=SPEC.shape,
        classes=10,
        train=65_931,
        validation=7_326,
        test=26_032,
        size_bytes=246_316_178,
        licence=LICENCE,
        source="Netzer et al. 2011, Reading Digits in Natural Images",
        read=read,
        files=FILES,
        remote=remote,
    ),
)
