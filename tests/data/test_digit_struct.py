"""Files made by hand in the form of MATLAB's, references to references and all."""

import sys
from pathlib import Path

import numpy as np
import pytest

from convatlas.data.digit_struct import FIELDS, read_digit_struct
from convatlas.errors import DataError, MissingExtra
from convatlas.progress import silent

from .number_pictures import Entry

h5py = pytest.importorskip("h5py")


def write_struct(path: Path, entries: dict[str, Entry]) -> None:
    """A digitStruct.mat: the digit 0 is called 10, one digit stands without reference.

    As in Stanford's files: ``name`` and ``bbox`` are N×1 references; values of one
    digit are 1×1 floats, those of several k×1 references to 1×1 floats in ``#refs#``.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(path, "w") as file:
        struct, refs = file.create_group("digitStruct"), file.create_group("#refs#")
        shape, kind = (len(entries), 1), h5py.ref_dtype
        names = struct.create_dataset("name", shape, dtype=kind)
        boxes = struct.create_dataset("bbox", shape, dtype=kind)
        for row, (name, entry) in enumerate(entries.items()):
            codes = np.array([[ord(letter)] for letter in name], np.uint16)
            names[row, 0] = refs.create_dataset(f"n{row}", data=codes).ref
            group = refs.create_group(f"b{row}")
            for field in FIELDS:
                values = [float(value) for value in entry[field]]
                if field == "label":
                    values = [10.0 if value == 0 else value for value in values]
                if len(values) == 1:
                    group[field] = np.array([values])
                    continue
                column = group.create_dataset(field, (len(values), 1), dtype=kind)
                for at, value in enumerate(values):
                    name_of = f"v{row}{field}{at}"
                    single = refs.create_dataset(name_of, data=np.array([[value]]))
                    column[at, 0] = single.ref
            boxes[row, 0] = group.ref


def entry(number: str) -> Entry:
    places = list(range(len(number)))
    return {
        "label": [int(digit) for digit in number],
        "left": [10 + 7 * place for place in places],
        "top": [3 + place for place in places],
        "width": [6 for _ in places],
        "height": [11.5 for _ in places],
    }


def test_one_digit_several_and_the_digit_zero(tmp_path: Path) -> None:
    path = tmp_path / "train" / "digitStruct.mat"
    write_struct(
        path, {"1.png": entry("5"), "2.png": entry("210"), "3.png": entry("0")}
    )
    told: list[tuple[str, int, int, str]] = []
    found = read_digit_struct(path, lambda *job: told.append(job))
    assert {name: number for name, (number, _) in found.items()} == {
        "1.png": "5",
        "2.png": "210",
        "3.png": "0",
    }
    assert found["2.png"][1] == ((10, 3, 6, 11.5), (17, 4, 6, 11.5), (24, 5, 6, 11.5))
    assert found["1.png"][1] == ((10, 3, 6, 11.5),)
    assert told[-1] == ("train/digitStruct.mat", 3, 3, "pictures")


def test_what_is_no_such_file(tmp_path: Path) -> None:
    path = tmp_path / "digitStruct.mat"
    path.write_bytes(b"MATLAB 5.0 MAT-file")
    with pytest.raises(DataError, match=r"is no digitStruct\.mat of SVHN \(.*fetch it"):
        read_digit_struct(path, silent)
    with h5py.File(path, "w") as file:
        file["other"] = np.zeros(3)
    with pytest.raises(DataError, match="is no digitStruct"):
        read_digit_struct(path, silent)
    for change, words in (
        ({"label": [11]}, "1.png has the label 11, allowed are 1 to 10"),
        ({"top": [3, 4]}, "argument 2 is longer"),
    ):
        write_struct(path, {"1.png": {**entry("5"), **change}})
        with pytest.raises(DataError, match="is no digitStruct") as caught:
            read_digit_struct(path, silent)
        assert words in str(caught.value)
    write_struct(path, {"../1.png": entry("5")})
    with pytest.raises(DataError, match="a picture is called '../1.png'"):
        read_digit_struct(path, silent)


def test_without_h5py_one_line_says_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(MissingExtra, match=r"pip install 'convatlas\[svhn\]'"):
        read_digit_struct(tmp_path / "digitStruct.mat", silent)
