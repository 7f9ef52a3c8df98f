"""Files of MNIST's form with random pictures."""

import struct
from pathlib import Path

import numpy as np
import pytest


@pytest.fixture(scope="session")
def random_mnist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The parent of MNIST/raw with 16,000 pictures, 500 for testing."""
    folder = tmp_path_factory.mktemp("data")
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True)
    random = np.random.default_rng(0)
    for part, count in (("train", 16_000), ("t10k", 500)):
        images = random.integers(0, 256, (count, 28, 28), dtype=np.uint8)
        labels = random.integers(0, 10, count, dtype=np.uint8)
        head = struct.pack(">4i", 0x0803, count, 28, 28)
        (raw / f"{part}-images-idx3-ubyte").write_bytes(head + images.tobytes())
        head = struct.pack(">2i", 0x0801, count)
        (raw / f"{part}-labels-idx1-ubyte").write_bytes(head + labels.tobytes())
    return folder
