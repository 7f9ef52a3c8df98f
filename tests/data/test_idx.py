import gzip
from pathlib import Path

import pytest
import torch

from convatlas.data.idx import read_idx
from convatlas.errors import DataError

HEADER = b"\0\0\x08\x02" + (2).to_bytes(4, "big") + (3).to_bytes(4, "big")
GOOD = HEADER + bytes([1, 2, 3, 4, 5, 6])


@pytest.mark.parametrize("name", ["x-idx2-ubyte", "x-idx2-ubyte.gz"])
def test_values_come_in_their_shape(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(GOOD) if name.endswith(".gz") else GOOD)
    values, content = read_idx(path)
    assert torch.equal(values, torch.tensor([[1, 2, 3], [4, 5, 6]], dtype=torch.uint8))
    assert content.values == GOOD


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is no idx file"),
        (b"<html>not found</html>", "is no idx file"),
        (b"\0\0\x0d\x01" + bytes(8), "is no idx file of bytes"),
        (GOOD[:-1], "holds 5 values where its header says 6"),
        (GOOD + b"x", "holds 7 values where its header says 6"),
    ],
)
def test_broken_files_are_named(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(content)
    with pytest.raises(DataError, match=words) as caught:
        read_idx(path)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize("content", [GOOD, gzip.compress(GOOD)[:-9]])
def test_broken_gzip_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"x\.gz: cannot be read .*fetch it again"):
        read_idx(path)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_idx(tmp_path / "x")


def test_a_packed_file_may_be_longer_than_it_says(tmp_path: Path) -> None:
    """Parts that were packed one by one: only the last one's length is at the end."""
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(GOOD[:-2]) + gzip.compress(GOOD[-2:]))
    values, content = read_idx(path)
    assert content.values == GOOD and values.flatten().tolist() == [1, 2, 3, 4, 5, 6]


def test_no_values(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"\0\0\x08\x01" + bytes(4))
    assert read_idx(path)[0].shape == (0,)
