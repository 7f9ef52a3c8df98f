"""Files that appear whole or not at all."""

import os
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from convatlas.whole_files import whole_file


def test_the_name_is_there_when_all_is_written(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with whole_file(path) as file, whole_file(tmp_path / "b.txt") as other:
        file.write(b"new")
        other.write(b"too")
        assert path.read_text() == "old"
        assert not (tmp_path / "b.txt").exists()
    assert path.read_text() == "new"
    assert {p.name for p in tmp_path.iterdir()} == {"a.txt", "b.txt"}


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt])
def test_a_fault_leaves_what_was_there(
    tmp_path: Path, fault: type[BaseException]
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(fault), whole_file(path) as file:
        file.write(b"half")
        raise fault
    assert [p.read_text() for p in tmp_path.iterdir()] == ["old"]


def test_a_full_disk_leaves_nothing(
    tmp_path: Path, full_disk: Callable[[int], AbstractContextManager[None]]
) -> None:
    with (
        full_disk(10),
        pytest.raises(OSError, match="File too large"),
        whole_file(tmp_path / "a.txt") as file,
    ):
        file.write(bytes(11))
    assert list(tmp_path.iterdir()) == []


def test_a_new_file_replaces_none(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with whole_file(path, new=True) as file:
        file.write(b"first")
    with pytest.raises(FileExistsError, match="a.txt: there is such a file already"):
        with whole_file(path, new=True) as file:
            file.write(b"second")
    assert [p.read_text() for p in tmp_path.iterdir()] == ["first"]


def test_the_longest_name_that_a_disk_takes(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    with whole_file(path) as file:
        file.write(b"long")
    assert path.read_bytes() == b"long"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names here")
def test_a_pipe_or_a_device_is_not_replaced(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("pipe")
    for path in (tmp_path / "pipe", tmp_path / "link"):
        with pytest.raises(OSError, match="Is a device or a pipe"):
            whole_file(path).__enter__()
        assert path.is_fifo()
    assert len(list(tmp_path.iterdir())) == 2
