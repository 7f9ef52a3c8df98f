from pathlib import Path

import pytest

from convatlas.data import load
from convatlas.data.catalogue import entries, find
from convatlas.data.location import data_folder
from convatlas.errors import UnknownName


def test_the_catalogue_knows_what_the_readers_say() -> None:
    assert [entry.name for entry in entries()] == [
        "digits-5k",
        "mnist",
        "fashion-mnist",
        "cifar10",
        "svhn-cropped",
        "synthetic-numbers",
        "svhn-numbers",
        "svhn-numbers-extra",
        "mchar",
        "protocol-p",
    ]
    for entry in entries():
        assert find(entry.name) is entry
        assert entry.images == entry.train + entry.validation + entry.test
        assert bool(entry.files) == bool(entry.size_bytes or entry.where_from)
        assert entry.title and entry.licence and entry.source


def test_what_is_listed_is_what_is_read(real_data: Path) -> None:
    for entry in entries():
        if entry.where_from or not entry.present(real_data):
            continue  # files from the user's own hands may be a part: test_mchar.py
        if entry.name == "synthetic-numbers":
            continue  # drawing takes minutes: tests/data/synthetic
        dataset = load(entry.name, folder=real_data)
        assert dataset.name == entry.name
        assert dataset.spec.shape == entry.shape
        assert dataset.labels.classes == entry.classes
        assert dataset.licence == entry.licence
        assert len(dataset.train) == entry.train
        assert len(dataset.validation) == entry.validation
        assert len(dataset.test) == entry.test
        assert len(dataset.sha256) == 64


def test_the_default_needs_no_folder(tmp_path: Path) -> None:
    assert load(folder=tmp_path / "none").name == "digits-5k"
    assert not (tmp_path / "none").exists()


def test_a_typo_is_answered_with_what_is_near() -> None:
    with pytest.raises(UnknownName, match="called 'fashion_mnist'; did you mean fashi"):
        load("fashion_mnist")


def test_where_data_sets_lie(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVATLAS_DATA", str(tmp_path / "named"))
    assert data_folder(tmp_path / "given") == tmp_path / "given"
    assert data_folder() == tmp_path / "named"
    monkeypatch.setenv("CONVATLAS_DATA", "")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    assert data_folder().parts[-1] == "data"
    assert "convatlas" in str(data_folder())
    assert data_folder(Path("~/x")) == tmp_path / "home" / "x"
