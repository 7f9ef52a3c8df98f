from pathlib import Path

import pytest
import torch

from convatlas.data import load
from convatlas.data.catalogue import find
from convatlas.data.check_classes import check_classes
from convatlas.data.synthetic import entry
from convatlas.errors import DataError
from convatlas.progress import silent


def test_nothing_is_drawn_before_it_is_asked_for(tmp_path: Path) -> None:
    dataset = load("synthetic-numbers", folder=tmp_path)
    assert dataset.name == "synthetic-numbers" and len(dataset.sha256) == 64
    assert dataset.labels.classes == 11
    assert not list(tmp_path.iterdir())


def test_a_count_is_part_of_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = load("synthetic-numbers@3", folder=tmp_path)
    more = load("synthetic-numbers@4", folder=tmp_path)
    assert few.name == "synthetic-numbers@3" and few.sha256 != more.sha256
    assert len(few.train) == 3 and len(more.train) == 4
    assert torch.equal(few.train.images, more.train.images[:3])
    assert find("synthetic-numbers@50000").train == 50_000
    monkeypatch.setattr(entry, "TEST", 2)
    assert len(load("synthetic-numbers@3", folder=tmp_path).test) == 2


@pytest.mark.parametrize("count", ["", "0", "-3", "2e4", "1000001", "007"])
def test_other_counts_are_refused(tmp_path: Path, count: str) -> None:
    with pytest.raises(DataError, match="is no count of training pictures; allowed"):
        load(f"synthetic-numbers@{count}", folder=tmp_path)


def test_drawn_numbers_have_no_copies(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entry, "VALIDATION", 4)
    monkeypatch.setattr(entry, "TEST", 4)
    dataset = load("synthetic-numbers@4", folder=tmp_path)
    counts, found = check_classes(dataset, silent)
    assert counts == {"train": 4, "validation": 4, "test": 4} and not found
    # and a copy under another number would be found
    dataset.test.images[0] = dataset.train.images[0]
    dataset.test.labels[0] = torch.tensor([7, 7, 10, 10, 10])
    (copy,) = check_classes(dataset, silent)[1]
    assert copy.what.endswith("and 77, in train and test")
