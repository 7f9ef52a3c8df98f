"""MNIST's files, plain and shortened."""

import gzip
from pathlib import Path

import torch
from torchvision.datasets import MNIST

from benchmarks.unpacking import unpack


def test_torchvision_reads_the_first_pictures(
    random_mnist: Path, tmp_path: Path
) -> None:
    packed, root = tmp_path / "packed" / "MNIST" / "raw", tmp_path / "plain"
    packed.mkdir(parents=True)
    for path in (random_mnist / "MNIST" / "raw").iterdir():
        (packed / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes(), 1))
    unpack(tmp_path / "packed", "MNIST", root, {"train": 30, "t10k": 10_000})
    whole, few = MNIST(random_mnist), MNIST(root)
    assert torch.equal(few.data, whole.data[:30])
    assert torch.equal(few.targets, whole.targets[:30])
    assert len(MNIST(root, train=False)) == 500
