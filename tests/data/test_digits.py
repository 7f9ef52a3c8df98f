import hashlib
from importlib.resources import files
from pathlib import Path

import pytest
import torch

from convatlas.data import load
from convatlas.data.dataset import Dataset
from convatlas.data.digit_photo import is_mnist
from convatlas.data.reading_ahead import PARTS
from convatlas.data.statistics import channel_statistics


@pytest.fixture(scope="module")
def digits() -> Dataset:
    return load("digits-5k")


def test_the_splits_are_stratified(digits: Dataset) -> None:
    for name, per_class in (("train", 400), ("validation", 50), ("test", 50)):
        split = digits.split(name)
        assert split.images.shape == (10 * per_class, 1, 28, 28)
        assert split.images.dtype == torch.uint8
        assert split.labels.dtype == torch.int64
        assert split.labels.bincount().tolist() == [per_class] * 10


def test_no_digit_is_in_two_splits(digits: Dataset) -> None:
    seen = [
        {hashlib.sha256(image.numpy().tobytes()).digest() for image in split.images}
        for split in (digits.train, digits.validation, digits.test)
    ]
    assert [len(digests) for digests in seen] == [4000, 500, 500]
    assert len(set.union(*seen)) == 5000


def test_mean_and_deviation_are_those_of_the_training_split(digits: Dataset) -> None:
    mean, std = channel_statistics(digits.train.images)
    assert (digits.spec.mean, digits.spec.std) == (mean, std)


def test_the_file_is_small_and_its_checksum_is_the_data_sets(digits: Dataset) -> None:
    content = files("convatlas.data").joinpath("digits_5k.npz").read_bytes()
    assert len(content) < 1_000_000
    assert hashlib.sha256(content).hexdigest() == digits.sha256


def test_the_digits_have_the_form_that_photos_are_given(digits: Dataset) -> None:
    assert digits.centred_digits and not digits.may_flip
    assert all(is_mnist(image[0]) for image in digits.train.images)


def test_they_are_the_first_500_of_each_class_of_mnists_training_file(
    digits: Dataset, real_data: Path
) -> None:
    from convatlas.data.idx import read_idx

    folder = real_data / "MNIST" / "raw"
    ending = ".gz" if (folder / f"{PARTS[0]}.gz").exists() else ""
    images, _ = read_idx(folder / f"{PARTS[0]}{ending}")
    labels, _ = read_idx(folder / f"{PARTS[1]}{ending}")
    for digit in range(10):
        first = images[torch.nonzero(labels == digit).flatten()[:500]]
        parts = (digits.train, digits.validation, digits.test)
        ours = torch.cat([p.images[p.labels == digit, 0] for p in parts])
        assert {i.numpy().tobytes() for i in first} == {
            i.numpy().tobytes() for i in ours
        }
