"""CIFAR-10: six pickled batches, read without running anything they could contain."""

import hashlib
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import torch

from convatlas.data.cut import stratified_cut
from convatlas.data.dataset import Dataset, Split, SplitName
from convatlas.data.entry import Entry, RemoteFile
from convatlas.errors import DataError
from convatlas.progress import Progress
from convatlas.spec import ImageSpec, LabelSpec

FOLDER = "cifar-10-batches-py"
TRAINING = tuple(f"{FOLDER}/data_batch_{number}" for number in range(1, 6))
TEST = (f"{FOLDER}/test_batch",)
VALIDATION_SHARE = 0.1
LICENCE = "none stated"
LABELS = LabelSpec(
    (
        "airplane",
        "automobile",
        "bird",
        "cat",
        "deer",
        "dog",
        "frog",
        "horse",
        "ship",
        "truck",
    )
)
# of all training pictures, validation among them
SPEC = ImageSpec(3, 32, 32, mean=(0.4914, 0.4822, 0.4465), std=(0.247, 0.2435, 0.2616))
# what numpy arrays in the pickles of Python 2 are made from, and nothing else
ALLOWED = {
    ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
}


def read(folder: Path, progress: Progress) -> Dataset:
    """Opens the training batches; the test batch when that split is asked for.

    Raises:
        DataError: a batch that is broken.
    """
    training, digest = _read_batches(folder, TRAINING)
    held_count = round(len(training) * VALIDATION_SHARE)
    stay, held = stratified_cut(training.labels, held_count)

    def read_split(name: SplitName) -> Split:
        if name == "test":
            return _read_batches(folder, TEST)[0]
        chosen = stay if name == "train" else held
        return Split(training.images[chosen], training.labels[chosen])

    return Dataset(
        name="cifar10",
        spec=SPEC,
        labels=LABELS,
        sha256=digest,
        licence=LICENCE,
        may_flip=True,
        centred_digits=False,
        read_split=read_split,
    )


def remote() -> tuple[RemoteFile, ...]:
    """Where torchvision gets the archive."""
    from torchvision.datasets import CIFAR10 as listed

    archive = RemoteFile(listed.filename, (listed.url,), listed.tgz_md5, archive=True)
    return (archive,)


class _ArraysOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        try:
            return ALLOWED[module.replace("numpy._core", "numpy.core"), name]
        except KeyError:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}") from None


def _read_batches(folder: Path, names: tuple[str, ...]) -> tuple[Split, str]:
    images, labels, digest = [], [], hashlib.sha256()
    for name in names:
        path = folder / name
        try:
            with path.open("rb") as file:
                digest.update(file.read())
                file.seek(0)
                batch = _ArraysOnly(file, encoding="latin1").load()
            pixels = torch.from_numpy(batch["data"]).reshape(-1, *SPEC.shape)
            numbers = torch.tensor(batch["labels"], dtype=torch.int64)
            whole = pixels.dtype == torch.uint8 and len(pixels) == len(numbers) > 0
            if not whole or not 0 <= int(numbers.min()) <= int(numbers.max()) < 10:
                raise ValueError("pictures and labels do not fit together")
        except Exception as error:  # a broken pickle raises anything
            raise DataError(
                f"{path}: is no batch of CIFAR-10 ({error}); delete it and fetch it "
                "again"
            ) from None
        images.append(pixels)
        labels.append(numbers)
    return Split(torch.cat(images), torch.cat(labels)), digest.hexdigest()


ENTRIES = (
    Entry(
        name="cifar10",
        title="small colour photos of animals and vehicles",
        shape=SPEC.shape,
        classes=10,
        train=45_000,
        validation=5_000,
        test=10_000,
        size_bytes=170_498_071,
        licence=LICENCE,
        source="Krizhevsky 2009, Learning Multiple Layers of Features from Tiny Images",
        read=read,
        files=tuple((name,) for name in (*TRAINING, *TEST)),
        remote=remote,
    ),
)
