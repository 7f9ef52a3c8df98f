from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from convatlas.data.decoded import decode_all
from convatlas.errors import DataError, PictureError
from convatlas.progress import silent


@pytest.fixture
def paths(tmp_path: Path) -> list[Path]:
    found = []
    for number in range(100):
        pixels = np.full((4, 6), number, np.uint8)
        found.append(tmp_path / f"{number}.png")
        Image.fromarray(pixels).save(found[-1])
    return found


def decoded(paths: list[Path], cache: Path, **options: object):
    values = {"skip_bad": False, "progress": silent, "large_bytes": 1, **options}
    return decode_all(paths, (1, 4, 6), cache=cache, **values)


def test_rows_keep_the_order_of_the_files(paths: list[Path], tmp_path: Path) -> None:
    made = decoded(paths, tmp_path / "x.pixels", large_bytes=1 << 30)
    assert made.images[:, 0, 0, 0].tolist() == list(range(100))
    assert made.rows == list(range(100)) and made.left_out == {}
    assert not (tmp_path / "x.pixels").exists()


def test_a_bad_file_leaves_nothing_half_made(paths: list[Path], tmp_path: Path) -> None:
    cache = tmp_path / "cache" / "x.pixels"
    paths[50].write_bytes(b"")
    with pytest.raises(PictureError, match=r"50\.png: is empty"):
        decoded(paths, cache)
    assert list(cache.parent.iterdir()) == []
    made = decoded(paths, cache, skip_bad=True)
    assert made.left_out.keys() == {50}
    assert made.rows == [*range(50), *range(51, 100)]
    assert made.images[:, 0, 0, 0].tolist() == made.rows


def test_a_note_that_cannot_be_read_is_made_anew(
    paths: list[Path], tmp_path: Path
) -> None:
    cache = tmp_path / "cache" / "x.pixels"
    decoded(paths, cache)
    for text in ("{", '{"format": 99}'):
        cache.with_suffix(".json").write_text(text)
        assert torch.equal(decoded(paths, cache).images, decoded(paths, cache).images)
    assert '"format": 1' in cache.with_suffix(".json").read_text()


def test_pixels_that_were_cut_off_are_made_anew(
    paths: list[Path], tmp_path: Path
) -> None:
    cache = tmp_path / "cache" / "x.pixels"
    expected = decoded(paths, cache).images.clone()
    cache.write_bytes(cache.read_bytes()[:100])
    assert torch.equal(decoded(paths, cache).images, expected)
    cache.unlink()
    assert torch.equal(decoded(paths, cache).images, expected)


def test_writing_to_the_pictures_does_not_reach_the_file(
    paths: list[Path], tmp_path: Path
) -> None:
    cache = tmp_path / "cache" / "x.pixels"
    decoded(paths, cache).images.zero_()
    again = decoded(paths, cache)
    again.images.zero_()
    assert decoded(paths, cache).images[-1, 0, 0, 0] == 99


def test_a_cache_that_cannot_be_written(paths: list[Path], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"cannot be kept there .*name another folder"):
        decoded(paths, tmp_path / "file" / "x.pixels")
