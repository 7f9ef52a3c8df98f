import io
import tarfile
from pathlib import Path

import pytest
import torch

from convatlas.data import load, svhn_numbers
from convatlas.data.catalogue import find
from convatlas.data.obtain import obtain
from convatlas.errors import DataError, MissingData
from convatlas.house_number import decode

from .number_pictures import Entry, draw
from .test_digit_struct import write_struct


def make(folder: Path, part: str, numbers: list[str]) -> None:
    """One of the three folders, as its archive holds it."""
    entries: dict[str, Entry] = {}
    for row, number in enumerate(numbers, start=1):
        entries[f"{row}.png"] = draw(folder / part / f"{row}.png", number)
    write_struct(folder / part / "digitStruct.mat", entries)


def archive_of(folder: Path, part: str) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        archive.add(folder / part, part)
    return buffer.getvalue()


@pytest.mark.parametrize("inside", ["SVHN", "house-numbers", "."])
def test_the_three_folders(tmp_path: Path, inside: str) -> None:
    make(tmp_path / inside, "train", [str(number) for number in range(98, 118)])
    make(tmp_path / inside, "test", ["10", "2005", "0"])
    dataset = load("svhn-numbers", folder=tmp_path)
    assert decode(dataset.test.labels) == ["10", "2005", "0"]
    assert dataset.test.files == ("test/1.png", "test/2.png", "test/3.png")
    assert len(dataset.train) == 18 and len(dataset.validation) == 2
    both = decode(dataset.train.labels) + decode(dataset.validation.labels)
    assert sorted(map(int, both)) == list(range(98, 118))
    assert dataset.train.boxes is not None and dataset.train.sizes is not None
    assert dataset.train.sizes[0].tolist() == [30, 60]
    # 2.png comes before 10.png, whatever the order of the file's lines
    assert [name for name in dataset.train.files if name < "train/3"] == sorted(
        (name for name in dataset.train.files if name < "train/3"),
        key=lambda name: int(name[6:-4]),
    )
    assert not dataset.may_flip and dataset.labels.digits == 5


def test_extra_pictures_are_trained_on_where_asked(tmp_path: Path) -> None:
    for part in ("train", "extra", "test"):
        make(tmp_path, part, ["12", "345", "6", "78", "90"])
    dataset = load("svhn-numbers-extra", folder=tmp_path)
    assert len(dataset.train) == 8 and len(dataset.validation) == 2
    assert {name.split("/")[0] for name in dataset.train.files} == {"train", "extra"}
    assert len(load("svhn-numbers", folder=tmp_path).train) == 4


def test_the_list_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for part in ("train", "test"):
        make(tmp_path, part, ["12", "345", "6"])
    first = load("svhn-numbers", folder=tmp_path)

    def fail(*arguments: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr(svhn_numbers, "read_digit_struct", fail)
    again = load("svhn-numbers", folder=tmp_path)
    assert again.sha256 == first.sha256
    assert torch.equal(again.train.labels, first.train.labels)
    for kept in (tmp_path / "decoded").glob("*.json"):
        kept.write_text('{"format": 1}')
    with pytest.raises(AssertionError, match="read again"):
        load("svhn-numbers", folder=tmp_path)


def test_missing_pictures_and_other_folders(tmp_path: Path) -> None:
    for part in ("train", "test"):
        make(tmp_path, part, ["12", "345", "6", "7"])
    (tmp_path / "test" / "2.png").unlink()
    dataset = load("svhn-numbers", folder=tmp_path)
    assert decode(dataset.test.labels) == ["12", "6", "7"]
    assert dataset.left_out == (("test/2.png", "in the list but not there"),)
    for path in (tmp_path / "test").glob("*.png"):
        path.unlink()
    with pytest.raises(
        DataError, match="holds none of the 4 pictures that digitStruct"
    ):
        load("svhn-numbers", folder=tmp_path)


@pytest.fixture
def served(tmp_path: Path, server, monkeypatch: pytest.MonkeyPatch):
    """Small archives on a server of this machine, announced with their sizes."""
    sizes = {}
    for part, numbers in (("train", ["12", "345", "6"]), ("test", ["7", "80"])):
        make(tmp_path / "made", part, numbers)
        content = archive_of(tmp_path / "made", part)
        server.files[f"/{part}.tar.gz"] = content
        sizes[part] = len(content)
    monkeypatch.setattr(svhn_numbers, "SIZES", sizes)
    monkeypatch.setattr(svhn_numbers, "ADDRESS", f"{server.url}/")
    return server


def test_archives_are_fetched_resumed_and_unpacked(served, tmp_path: Path) -> None:
    served.cut_after["/train.tar.gz"] = 700
    folder, entry = tmp_path / "data", find("svhn-numbers")
    remarks = obtain(entry, folder)
    assert ("/train.tar.gz", "bytes=700-") in served.asked
    assert len(remarks) == 2 and "nobody publishes a checksum" in remarks[0]
    assert len(remarks[0].rsplit(" ", 1)[1]) == 64
    assert entry.present(folder)
    inside = sorted(p.name for p in (folder / "SVHN").iterdir())
    assert inside == ["test", "test.tar.gz", "train", "train.tar.gz"]
    dataset = load("svhn-numbers", folder=folder)
    assert decode(dataset.test.labels) == ["7", "80"]
    asked = len(served.asked)
    assert obtain(entry, folder) == () and len(served.asked) == asked
    # a folder that is there is not fetched again, even if the archive is gone
    for path in (folder / "SVHN" / "test").iterdir():
        path.unlink()
    (folder / "SVHN" / "test").rmdir()
    (folder / "SVHN" / "train.tar.gz").unlink()
    obtain(entry, folder)
    assert entry.present(folder) and len(served.asked) == asked


def test_a_page_of_words_instead_of_the_archive(served, tmp_path: Path) -> None:
    served.files["/train.tar.gz"] = b"<html>Sorry</html>"
    with pytest.raises(MissingData) as caught:
        load("svhn-numbers", folder=tmp_path / "data")
    message = str(caught.value)
    assert "another file than expected (wrong size)" in message
    assert f"put train.tar.gz, test.tar.gz into {tmp_path}/data/SVHN" in message
    assert not any((tmp_path / "data").rglob("*.gz"))


@pytest.mark.parametrize("name", ["../outside", "/outside", "test/1.png", "train/../x"])
def test_an_archive_cannot_write_elsewhere(
    served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for member in ("train/digitStruct.mat", name):
            info = tarfile.TarInfo(member)
            info.size = 3
            archive.addfile(info, io.BytesIO(b"abc"))
        link = tarfile.TarInfo("train/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    served.files["/train.tar.gz"] = buffer.getvalue()
    sizes = {**svhn_numbers.SIZES, "train": len(buffer.getvalue())}
    monkeypatch.setattr(svhn_numbers, "SIZES", sizes)
    with pytest.raises(MissingData, match="lies outside train.*delete it"):
        obtain(find("svhn-numbers"), tmp_path / "data")
    found = {p.name for p in (tmp_path / "data").rglob("*")}
    assert found == {"SVHN", "train.tar.gz"}
    assert not (tmp_path / "outside").exists()


def test_an_archive_that_breaks_off_leaves_no_folder(served, tmp_path: Path) -> None:
    folder = tmp_path / "data" / "SVHN"
    folder.mkdir(parents=True)
    content = served.files["/train.tar.gz"]
    (folder / "train.tar.gz").write_bytes(content[: len(content) // 2])
    with pytest.raises(MissingData, match="is not the archive it should be"):
        obtain(find("svhn-numbers"), tmp_path / "data")
    assert [p.name for p in folder.iterdir()] == ["train.tar.gz"]
