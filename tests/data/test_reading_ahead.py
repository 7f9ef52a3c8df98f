import gzip
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from convatlas.data import reading_ahead


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    raw = tmp_path / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for part in reading_ahead.PARTS:
        (raw / f"{part}.gz").write_bytes(gzip.compress(part.encode()))
    return tmp_path


def test_what_is_begun_is_had_once(folder: Path) -> None:
    path = folder / "MNIST" / "raw" / f"{reading_ahead.PARTS[0]}.gz"
    reading_ahead.begin("mnist", folder)
    while not reading_ahead._begun[path].done():
        pass
    path.write_bytes(gzip.compress(b"changed since"))
    assert reading_ahead.content(path).values == reading_ahead.PARTS[0].encode()
    assert reading_ahead.content(path).values == b"changed since"


def test_other_data_sets_and_missing_files_are_left_alone(tmp_path: Path) -> None:
    before = dict(reading_ahead._begun)
    reading_ahead.begin("digits-5k", tmp_path)
    reading_ahead.begin("mnist", tmp_path / "nothing")
    assert reading_ahead._begun == before


def test_a_fault_is_told_when_the_file_is_wanted(folder: Path) -> None:
    path = folder / "MNIST" / "raw" / f"{reading_ahead.PARTS[1]}.gz"
    path.write_bytes(path.read_bytes()[:-9])
    reading_ahead.begin("mnist", folder)
    with pytest.raises((EOFError, zlib.error)):
        reading_ahead.content(path)


@pytest.mark.parametrize("told", [0, 3, 5, 2**32 - 1])
def test_the_length_at_the_end_is_not_believed(tmp_path: Path, told: int) -> None:
    """Python's gzip says so, as it does of a wrong checksum."""
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(b"four")[:-4] + told.to_bytes(4, "little"))
    with pytest.raises((OSError, zlib.error)):
        reading_ahead.unpacked(path)


def test_it_needs_no_torch() -> None:
    program = (
        "import sys\nfrom convatlas.data import reading_ahead\n"
        "print('torch' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
