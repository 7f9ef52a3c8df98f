import json
from pathlib import Path

import pytest

from convatlas.errors import ReaderError
from convatlas.reading import bundle as room
from convatlas.reading.bundle import FINDER, NOTE, load_bundle, shipped_bundle

from .oracle import oracle_bundle


def test_a_bundle_comes_back_as_it_was_written(tmp_path: Path) -> None:
    written = oracle_bundle(tmp_path, again=(1.75,), margins=(0.1, 0.2), every_box=True)
    assert load_bundle(tmp_path) == written


def test_what_is_no_bundle_is_named(tmp_path: Path) -> None:
    with pytest.raises(ReaderError, match="is no reader .*convatlas export"):
        load_bundle(tmp_path)
    oracle_bundle(tmp_path)
    note = tmp_path / NOTE
    plain = json.loads(note.read_text())
    for change, words in (
        ({"format": 99}, "newer convatlas"),
        ({"combine": "vote"}, "damaged"),
        ({"unknown": 1}, "damaged"),
        ({"looks": {}}, "damaged"),
        ({"finders": 0}, "damaged"),
        ({"looks": {**plain["looks"], "turns": []}}, "damaged"),
        ({"looks": 3}, "damaged"),
    ):
        note.write_text(json.dumps({**plain, **change}))
        with pytest.raises(ReaderError, match=words):
            load_bundle(tmp_path)
    note.write_text("{")
    with pytest.raises(ReaderError, match="damaged"):
        load_bundle(tmp_path)


def test_networks_that_are_missing_or_damaged_are_named(tmp_path: Path) -> None:
    bundle = oracle_bundle(tmp_path)
    content = (tmp_path / FINDER).read_bytes()
    (tmp_path / FINDER).write_bytes(content[: len(content) // 2])
    with pytest.raises(ReaderError, match=r"finder\.onnx: cannot be used \("):
        bundle.open()
    (tmp_path / FINDER).unlink()
    with pytest.raises(ReaderError, match=r"finder\.onnx: is not there"):
        bundle.open()


def test_a_package_without_a_reader_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(room, "SHIPPED", tmp_path)
    with pytest.raises(ReaderError, match="--reader FOLDER .* or --run RUN"):
        shipped_bundle()
    oracle_bundle(tmp_path)
    assert shipped_bundle().places == 4
