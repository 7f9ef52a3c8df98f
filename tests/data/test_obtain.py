import gzip
import hashlib
import io
import tarfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest

from convatlas.data.catalogue import entries, find
from convatlas.data.entry import Entry, RemoteFile
from convatlas.data.obtain import obtain
from convatlas.errors import MissingData

PACKED = {
    name: gzip.compress(name.encode()) for name in ("X/raw/a-idx.gz", "X/raw/b-idx.gz")
}


def entry_of(*remote: RemoteFile, files: tuple[tuple[str, ...], ...]) -> Entry:
    return replace(find("mnist"), name="x", files=files, remote=lambda: remote)


def small(server) -> Entry:
    remote = [
        RemoteFile(name, (f"{server.url}/{name}",), hashlib.md5(data).hexdigest())
        for name, data in PACKED.items()
    ]
    files = tuple((name, name.removesuffix(".gz")) for name in PACKED)
    return entry_of(*remote, files=files)


def test_only_what_is_missing_is_fetched(server, tmp_path: Path) -> None:
    server.files |= {f"/{name}": data for name, data in PACKED.items()}
    (tmp_path / "X/raw").mkdir(parents=True)
    (tmp_path / "X/raw/a-idx").write_bytes(b"unpacked by another program")
    entry = small(server)
    assert entry.missing(tmp_path) == ["X/raw/b-idx.gz"]
    obtain(entry, tmp_path)
    assert [path for path, _ in server.asked] == ["/X/raw/b-idx.gz"]
    assert entry.present(tmp_path)
    obtain(entry, tmp_path)
    assert len(server.asked) == 1


def test_an_own_mirror_is_asked_first(
    server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.files |= {f"/class/{name}": data for name, data in PACKED.items()}
    monkeypatch.setenv("CONVATLAS_MIRROR", f"{server.url}/class/")
    obtain(small(server), tmp_path)
    assert small(server).present(tmp_path)


def test_offline_says_which_files_to_put_where(server, tmp_path: Path) -> None:
    with pytest.raises(MissingData) as caught:
        obtain(small(server), tmp_path)
    message = str(caught.value)
    assert "\n" not in message
    assert message.startswith("x: a-idx.gz could not be fetched")
    assert message.endswith(
        f"put a-idx.gz, b-idx.gz into {tmp_path}/X/raw, or name a folder that has "
        "them (--data-dir or CONVATLAS_DATA)"
    )


def archive_of(names: list[str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name in names:
            info = tarfile.TarInfo(name)
            info.size = len(name)
            archive.addfile(info, io.BytesIO(name.encode()))
    return buffer.getvalue()


def test_an_archive_gives_the_files_that_are_wanted(server, tmp_path: Path) -> None:
    content = archive_of(["in/one", "in/two", "../outside"])
    server.files["/x.tar.gz"] = content
    remote = RemoteFile(
        "x.tar.gz",
        (f"{server.url}/x.tar.gz",),
        hashlib.md5(content).hexdigest(),
        archive=True,
    )
    obtain(entry_of(remote, files=(("in/one",), ("in/two",))), tmp_path)
    found = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*"))
    assert found == ["in", "in/one", "in/two", "x.tar.gz"]
    assert (tmp_path / "in/one").read_text() == "in/one"


def test_an_archive_that_the_user_put_there_is_unpacked(tmp_path: Path) -> None:
    (tmp_path / "x.tar.gz").write_bytes(archive_of(["in/one"]))
    remote = RemoteFile("x.tar.gz", (), "", archive=True)
    obtain(entry_of(remote, files=(("in/one",),)), tmp_path)
    assert (tmp_path / "in/one").is_file()


def test_a_full_disk_leaves_no_half_file(
    tmp_path: Path, full_disk: Callable[[int], AbstractContextManager[None]]
) -> None:
    archive = tmp_path / "x.tar.gz"
    archive.write_bytes(archive_of(["in/long-name"]))
    remote = RemoteFile("x.tar.gz", (), "", archive=True)
    entry = entry_of(remote, files=(("in/long-name",),))
    with full_disk(5), pytest.raises(MissingData, match="cannot be unpacked .*too lar"):
        obtain(entry, tmp_path)
    assert list((tmp_path / "in").iterdir()) == []


@pytest.mark.parametrize("content", [b"no archive", archive_of(["else"])])
def test_a_wrong_archive_is_named(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "x.tar.gz").write_bytes(content)
    remote = RemoteFile("x.tar.gz", (), "", archive=True)
    with pytest.raises(MissingData, match=r"x\.tar\.gz is not the archive it should"):
        obtain(entry_of(remote, files=(("in/one",),)), tmp_path)


@pytest.mark.slow  # imports torchvision, two to ten seconds
def test_the_sources_name_the_files_that_the_readers_want() -> None:
    for entry in entries():
        remote = entry.remote()
        if any(file.folder for file in remote):
            folders = [f"{file.folder}/digitStruct.mat" for file in remote]
            assert folders == [names[0] for names in entry.files]
            assert all(file.size_bytes for file in remote)
            continue
        if entry.where_from:
            assert remote == ()
            continue
        if any(file.archive for file in remote):
            assert len(remote) == 1
        else:
            assert [f.path for f in remote] == [names[0] for names in entry.files]
        for file in remote:
            assert len(file.md5) == 32
            assert all(url.startswith("http") for url in file.urls)
