from pathlib import Path

import numpy as np
import pytest
import torch

from convatlas.data import load, svhn
from convatlas.errors import DataError


def write(folder: Path, count: int, seed: int, part: str) -> np.ndarray:
    """A file of SVHN's form: rows × columns × channels × pictures, labels 1 to 10."""
    io = pytest.importorskip("scipy.io")
    pixels = np.random.RandomState(seed).randint(0, 256, (32, 32, 3, count))
    labels = np.arange(count).reshape(-1, 1) % 10 + 1
    content = {"X": pixels.astype(np.uint8), "y": labels.astype(float)}
    io.savemat(folder / f"{part}_32x32.mat", content, do_compression=True)
    return pixels.astype(np.uint8)


@pytest.mark.parametrize("inside", ["SVHN", "."])
def test_rows_columns_channels_and_labels(tmp_path: Path, inside: str) -> None:
    folder = tmp_path / inside
    folder.mkdir(exist_ok=True)
    write(folder, 100, 0, "train")
    pixels = write(folder, 20, 1, "test")
    dataset = load("svhn-cropped", folder=tmp_path)
    assert len(dataset.train) == 90 and len(dataset.validation) == 10
    expected = torch.from_numpy(pixels.transpose(3, 2, 0, 1).copy())
    assert torch.equal(dataset.test.images, expected)
    assert dataset.test.labels[:11].tolist() == [1, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1]
    assert not dataset.may_flip and not dataset.centred_digits


def test_other_arrays_are_refused(tmp_path: Path) -> None:
    io = pytest.importorskip("scipy.io")
    for content in (
        {"X": np.zeros((32, 32, 3, 2), np.uint8)},
        {"X": np.zeros((32, 32, 3, 2), np.uint8), "y": np.ones((3, 1))},
        {"X": np.zeros((32, 32, 3, 2), np.uint8), "y": np.array([[0.0], [11.0]])},
        {"X": np.zeros((32, 31, 3, 2), np.uint8), "y": np.ones((2, 1))},
    ):
        for part in ("train", "test"):
            io.savemat(tmp_path / f"{part}_32x32.mat", content)
        with pytest.raises(DataError, match="does not hold 32×32 pictures with labels"):
            load("svhn-cropped", folder=tmp_path)


def test_the_constants_fit_the_real_files(real_data: Path) -> None:
    from convatlas.data.statistics import channel_statistics

    (entry,) = svhn.ENTRIES
    if not entry.present(real_data):
        pytest.skip("no train_32x32.mat in the data folder")
    dataset = load("svhn-cropped", folder=real_data)
    both = torch.cat([dataset.train.images, dataset.validation.images])
    mean, std = channel_statistics(both)
    assert mean == pytest.approx(dataset.spec.mean, abs=1e-4)
    assert std == pytest.approx(dataset.spec.std, abs=1e-4)
