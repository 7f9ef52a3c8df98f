"""``synthetic-numbers``: drawn house numbers, as many as one likes.

``synthetic-numbers@50000`` has 50,000 training pictures. They are the pictures of the
shorter sets and some more: picture ``i`` of a split is always the same.
"""

import hashlib
import re
from functools import partial
from pathlib import Path

import numpy as np
from PIL import __version__ as pillow_version

from convatlas.data.dataset import Dataset, Split, SplitName
from convatlas.data.entry import Entry
from convatlas.data.location import cache_folder
from convatlas.data.numbered import SHAPE
from convatlas.data.synthetic.kept import drawn_split
from convatlas.data.synthetic.picture import VERSION
from convatlas.errors import DataError
from convatlas.house_number import label_spec
from convatlas.progress import Progress
from convatlas.spec import ImageSpec

NAME = "synthetic-numbers"
PREFIX = f"{NAME}@"
SEED = 0
TRAIN, VALIDATION, TEST = 20_000, 1_000, 1_000
MOST = 1_000_000
LICENCE = "Apache-2.0 (drawn); its typefaces SIL OFL 1.1"
# of the first 2,000 training pictures, scaled
SPEC = ImageSpec(*SHAPE, mean=(0.4435, 0.4128, 0.4064), std=(0.2113, 0.2025, 0.2067))


def read(folder: Path, progress: Progress, train: int = TRAIN) -> Dataset:
    """Opens the data set; a split is drawn when it is first asked for.

    Args:
        folder: the data folder, which keeps what was drawn.
        progress: told how far drawing is.
        train: pictures of the training split.
    """
    # another Pillow or numpy may round otherwise
    made_by = f"{VERSION}|{SEED}|{pillow_version}|{np.__version__}"
    digest = hashlib.sha256(f"{NAME}|{made_by}|{train}".encode()).hexdigest()
    counts: dict[SplitName, int] = {
        "train": train,
        "validation": VALIDATION,
        "test": TEST,
    }

    def read_split(split: SplitName) -> Split:
        key = hashlib.sha256(made_by.encode()).hexdigest()[:12]
        name = f"{NAME}-{split}-{counts[split]}-{key}"
        cache = cache_folder(folder) / name
        return drawn_split(SEED, split, counts[split], cache, progress)

    return Dataset(
        name=NAME if train == TRAIN else f"{PREFIX}{train}",
        spec=SPEC,
        labels=label_spec(),
        sha256=digest,
        licence=LICENCE,
        may_flip=False,
        centred_digits=False,
        read_split=read_split,
    )


def of_size(name: str) -> Entry:
    """``synthetic-numbers@COUNT`` as an entry of the catalogue.

    Raises:
        DataError: a count that is none.
    """
    count = name.removeprefix(PREFIX)
    if not re.fullmatch(r"[1-9][0-9]{0,6}", count) or int(count) > MOST:
        raise DataError(
            f"{name}: {count!r} is no count of training pictures; allowed are 1 to "
            f"{MOST:,}, e.g. {PREFIX}50000"
        )
    return _entry(name, int(count))


def _entry(name: str, train: int) -> Entry:
    return Entry(
        name=name,
        title="drawn house numbers, @50000 for more, test typefaces not in training",
        shape=SHAPE,
        classes=11,
        train=train,
        validation=VALIDATION,
        test=TEST,
        size_bytes=0,
        licence=LICENCE,
        source="convatlas.data.synthetic",
        read=partial(read, train=train),
    )


ENTRIES = (_entry(NAME, TRAIN),)
