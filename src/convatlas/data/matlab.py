"""Reads arrays of numbers from MATLAB 5 files, which SVHN comes in.

Source: MathWorks, "MAT-File Format", level 5: a header of 128 bytes, then elements of
a type, a length and a body padded to 8 bytes; small ones have both in one word. A
matrix is an element that holds flags, dimensions, name and values.
"""

import zlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from convatlas.errors import DataError

HEADER_BYTES = 128
MATRIX, COMPRESSED = 14, 15
# the storage types; a matrix of doubles may be stored as bytes
NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8"}


def read_matlab(path: Path) -> tuple[dict[str, np.ndarray], bytes]:
    """All arrays of numbers in a file, by name, and the bytes of the file.

    An array of dimensions a×b×c comes with the axes c b a: the file counts the first
    fastest, NumPy the last.

    Raises:
        DataError: no MATLAB 5 file, a damaged one, or one of a big-endian machine.
    """
    try:
        content = path.read_bytes()
        if content[:10] != b"MATLAB 5.0" or content[126:128] != b"IM":
            raise ValueError("no little-endian MATLAB 5 file")
        arrays = {}
        for kind, body in _elements(memoryview(content)[HEADER_BYTES:]):
            if kind == COMPRESSED:
                kind, body = next(_elements(memoryview(zlib.decompress(body))))
            if kind == MATRIX:
                name, array = _matrix(body)
                arrays[name] = array
    except (OSError, ValueError, KeyError, zlib.error, StopIteration) as error:
        raise DataError(
            f"{path}: cannot be read ({error}); delete it and fetch it again"
        ) from None
    return arrays, content


def _elements(data: memoryview) -> Iterator[tuple[int, memoryview]]:
    position = 0
    while position + 8 <= len(data):
        kind = int.from_bytes(data[position : position + 4], "little")
        small = kind >> 16
        if small:  # type and length share a word, the body follows in the next
            yield kind & 0xFFFF, data[position + 4 : position + 4 + small]
            position += 8
            continue
        length = int.from_bytes(data[position + 4 : position + 8], "little")
        body = data[position + 8 : position + 8 + length]
        if len(body) != length:
            raise ValueError("it ends too early")
        yield kind, body
        position += 8 + length
        if kind != COMPRESSED:
            position += -length % 8


def _matrix(body: memoryview) -> tuple[str, np.ndarray]:
    parts = list(_elements(body))
    if len(parts) < 4:
        raise ValueError("a matrix without values")
    (_, _), (_, sizes), (_, name), (kind, values) = parts[:4]
    shape = np.frombuffer(sizes, "<i4")
    array = np.frombuffer(values, f"<{NUMBERS[kind]}")
    return bytes(name).decode("ascii"), array.reshape(tuple(shape[::-1]))
