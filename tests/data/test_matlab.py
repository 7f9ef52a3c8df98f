import struct
import zlib
from pathlib import Path

import numpy as np
import pytest

from convatlas.data.matlab import read_matlab
from convatlas.errors import DataError


def element(kind: int, body: bytes) -> bytes:
    if len(body) <= 4:  # the small form
        return struct.pack("<HH", kind, len(body)) + body.ljust(4, b"\0")
    return struct.pack("<II", kind, len(body)) + body + bytes(-len(body) % 8)


def matrix(name: str, values: np.ndarray, stored: int) -> bytes:
    """One array as MATLAB's ``save`` writes it; ``values`` with MATLAB's axes."""
    types = {2: "<u1", 9: "<f8"}
    flags = struct.pack("<II", 9 if stored == 2 else 6, 0)
    body = (
        element(6, flags)
        + element(5, struct.pack(f"<{values.ndim}i", *values.shape))
        + element(1, name.encode())
        + element(stored, values.astype(types[stored]).tobytes(order="F"))
    )
    return element(14, body)


def matlab_file(*matrices: bytes, packed: bool = True) -> bytes:
    text = b"MATLAB 5.0 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x01IM"
    if not packed:
        return text + b"".join(matrices)
    parts = [zlib.compress(m) for m in matrices]
    return text + b"".join(struct.pack("<II", 15, len(p)) + p for p in parts)


X = np.arange(2 * 3 * 5, dtype=np.uint8).reshape(2, 3, 5)
Y = np.array([[1], [10]])


@pytest.mark.parametrize("packed", [True, False])
def test_arrays_come_with_their_axes_reversed(tmp_path: Path, packed: bool) -> None:
    path = tmp_path / "x.mat"
    path.write_bytes(matlab_file(matrix("X", X, 2), matrix("y", Y, 9), packed=packed))
    arrays, content = read_matlab(path)
    assert np.array_equal(arrays["X"], X.T) and arrays["X"].dtype == np.uint8
    assert np.array_equal(arrays["y"], Y.T)
    assert content == path.read_bytes()


def test_scipy_reads_our_file_alike(tmp_path: Path) -> None:
    io = pytest.importorskip("scipy.io")
    path = tmp_path / "x.mat"
    path.write_bytes(matlab_file(matrix("X", X, 2), matrix("y", Y, 9)))
    theirs = io.loadmat(path)
    assert np.array_equal(theirs["X"], X) and np.array_equal(theirs["y"], Y)


def test_we_read_scipys_file(tmp_path: Path) -> None:
    io = pytest.importorskip("scipy.io")
    for packed in (True, False):
        path = tmp_path / f"{packed}.mat"
        io.savemat(path, {"X": X, "y": Y.astype(float)}, do_compression=packed)
        arrays, _ = read_matlab(path)
        assert np.array_equal(arrays["X"], X.T) and np.array_equal(arrays["y"], Y.T)


GOOD = matlab_file(matrix("X", X, 2))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        GOOD[:140],
        GOOD[:-3],
        b"\x89HDF\r\n" + bytes(200),
        GOOD[:126] + b"MI" + GOOD[128:],
        matlab_file(element(14, b""), packed=False),
    ],
)
def test_broken_files_are_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.mat"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"x\.mat: cannot be read \(.+fetch it again"):
        read_matlab(path)
