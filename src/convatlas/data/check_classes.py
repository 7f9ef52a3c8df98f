"""What is wrong with a data set that has no lists of its own: files and copies."""

import hashlib

from torch import Tensor

from convatlas.data.check import JOB, Finding
from convatlas.data.dataset import SPLITS, Dataset, SplitName
from convatlas.errors import DataError
from convatlas.house_number import decode
from convatlas.progress import Progress


def check_classes(
    dataset: Dataset, progress: Progress
) -> tuple[dict[str, int], list[Finding]]:
    """Compares the pixels of all pictures of all splits.

    Args:
        dataset: opened with ``skip_bad``, so that bad files are listed in it.
        progress: told the pictures so far.

    Returns:
        How many pictures each split has, and what was found.
    """
    found = [Finding("unreadable", file, why) for file, why in dataset.left_out]
    counts: dict[str, int] = {}
    first: dict[bytes, tuple[SplitName, str, str]] = {}
    for part in SPLITS:
        try:
            split = dataset.split(part)
        except DataError:  # a split that a folder does not have
            continue
        counts[part] = len(split)
        for row in range(len(split)):
            progress(JOB, row, len(split), "pictures")
            name = split.files[row] if split.files else f"{part} {row}"
            label = _label(dataset, split.labels[row])
            digest = hashlib.sha256(split.images[row].numpy().tobytes()).digest()
            if digest not in first:
                first[digest] = part, name, label
                continue
            other, other_name, other_label = first[digest]
            what = f"the same pixels as {other_name}"
            if label != other_label:
                what += f", labelled {other_label} and {label}"
            apart = () if other == part else (other, part)
            if apart:
                what += f", in {other} and {part}"
            found.append(Finding("duplicate", name, what, apart))
        progress(JOB, len(split), len(split), "pictures")
    return counts, found


def _label(dataset: Dataset, label: Tensor) -> str:
    """What a class is called, or the number."""
    if label.ndim:
        return decode(label[None])[0]
    return dataset.labels.names[int(label)]
