import gzip
from pathlib import Path

import pytest
import torch

from convatlas.data import load
from convatlas.data.mnist import VALIDATION
from convatlas.data.reading_ahead import PARTS
from convatlas.data.statistics import channel_statistics
from convatlas.errors import DataError

FOLDERS = {"mnist": "MNIST", "fashion-mnist": "FashionMNIST"}


def idx(values: torch.Tensor) -> bytes:
    sizes = b"".join(size.to_bytes(4, "big") for size in values.shape)
    return bytes([0, 0, 8, values.ndim]) + sizes + values.numpy().tobytes()


def write_small(folder: Path, *, packed: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """Files of MNIST's form with 6,000 and 20 pictures of 4×4."""
    folder.mkdir(parents=True, exist_ok=True)
    random = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (6000, 4, 4), dtype=torch.uint8, generator=random)
    labels = (torch.arange(6000) % 10).to(torch.uint8)
    for part, values in zip(
        PARTS, (images, labels, images[:20], labels[:20]), strict=True
    ):
        content = idx(values)
        if packed:
            (folder / f"{part}.gz").write_bytes(gzip.compress(content, 1))
        else:
            (folder / part).write_bytes(content)
    return images, labels


@pytest.mark.parametrize("name", ["mnist", "fashion-mnist"])
def test_the_real_files(name: str, real_data: Path) -> None:
    dataset = load(name, folder=real_data)
    assert [len(dataset.split(s)) for s in ("train", "validation", "test")] == [
        55_000,
        5_000,
        10_000,
    ]
    assert dataset.train.images.shape[1:] == dataset.spec.shape == (1, 28, 28)
    assert channel_statistics(dataset.train.images) == (
        dataset.spec.mean,
        dataset.spec.std,
    )
    shares = dataset.validation.labels.bincount() / dataset.train.labels.bincount()
    assert torch.allclose(shares, torch.full((10,), 1 / 11), atol=2e-3)
    assert dataset.may_flip == (name == "fashion-mnist")


def test_packed_and_plain_files_are_the_same_data(tmp_path: Path) -> None:
    images, labels = write_small(tmp_path / "a/MNIST/raw", packed=True)
    write_small(tmp_path / "b/MNIST/raw", packed=False)
    packed, plain = (load("mnist", folder=tmp_path / which) for which in "ab")
    assert packed.sha256 == plain.sha256
    assert torch.equal(packed.train.images, plain.train.images)
    assert len(packed.train) == 6000 - VALIDATION
    assert torch.equal(packed.test.images[:, 0], images[:20])
    assert packed.test.labels.tolist() == labels[:20].tolist()


def test_the_test_files_are_opened_only_when_asked_for(tmp_path: Path) -> None:
    folder = tmp_path / "MNIST/raw"
    write_small(folder, packed=False)
    dataset = load("mnist", folder=tmp_path)
    (folder / PARTS[2]).write_bytes(b"")
    assert len(dataset.train) + len(dataset.validation) == 6000
    with pytest.raises(DataError, match="t10k-images-idx3-ubyte: is no idx file"):
        _ = dataset.test


def test_labels_that_do_not_fit(tmp_path: Path) -> None:
    folder = tmp_path / "MNIST/raw"
    write_small(folder, packed=False)
    (folder / PARTS[1]).write_bytes(idx(torch.zeros(5999, dtype=torch.uint8)))
    with pytest.raises(DataError, match=r"labels of shape \(5999,\) for pictures"):
        load("mnist", folder=tmp_path)
    (folder / PARTS[1]).write_bytes(idx(torch.full((6000,), 10, dtype=torch.uint8)))
    with pytest.raises(DataError, match="holds the label 10, allowed are 0 to 9"):
        load("mnist", folder=tmp_path)
