import io
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from convatlas.errors import UsageError
from convatlas.reading.many import AHEAD, LeftOut, PictureRead, Wish, read_each
from convatlas.reading.reader import Reader

from .oracle import painted

NOTHING = Wish()


def saved(folder: Path, *numbers: str) -> list[Path]:
    paths = [folder / f"{i}.png" for i in range(len(numbers))]
    for path, number in zip(paths, numbers, strict=True):
        painted(number).save(path)
    return paths


def one(reader: Reader, picture: Path | bytes, wish: Wish = NOTHING) -> PictureRead:
    (result,) = read_each(reader, [picture], wish)
    assert isinstance(result, PictureRead), result
    return result


@pytest.mark.parametrize("threads", [1, 4, None])
def test_readings_come_in_the_order_of_the_pictures(
    reader: Reader, tmp_path: Path, threads: int | None
) -> None:
    numbers = [str(n) for n in range(100, 130)]
    paths = saved(tmp_path, *numbers)
    results = list(read_each(reader, paths, NOTHING, threads))
    assert [r.file for r in results] == [str(path) for path in paths]
    assert [r.number for r in results if isinstance(r, PictureRead)] == numbers


def test_what_cannot_be_read_is_told_in_its_place(
    reader: Reader, tmp_path: Path
) -> None:
    first, last = saved(tmp_path, "1", "2")
    bad, empty = tmp_path / "bad.png", tmp_path / "empty.jpg"
    bad.write_bytes(first.read_bytes()[:60])
    empty.touch()
    gone = LeftOut("gone", "gone: no such file")
    given = [first, bad, empty, tmp_path / "none.png", gone, b"no picture", last]
    results = list(read_each(reader, given, NOTHING))
    reasons = [r.reason if isinstance(r, LeftOut) else r.number for r in results]
    assert reasons[0] == "1" and reasons[-1] == "2" and results[4] is gone
    assert "bad.png: is damaged or cut off" in str(reasons[1])
    assert "empty.jpg: is empty" in str(reasons[2])
    assert "none.png: no such file" in str(reasons[3])
    assert str(reasons[5]).startswith("-: is no picture")


def test_an_unsure_number_is_not_said(reader: Reader) -> None:
    file = io.BytesIO()
    painted("55").save(file, "PNG")
    sure = one(reader, file.getvalue())
    assert sure.number == "55" and len(sure.digits) == 2
    unsure = one(reader, file.getvalue(), Wish(min_confidence=1.0))
    assert unsure.number is None and unsure.digits == ()
    assert unsure.confidence == sure.confidence < 1


def test_an_endless_list_is_read_as_it_is_asked_for(
    reader: Reader, tmp_path: Path
) -> None:
    (path,) = saved(tmp_path, "9")
    asked = 0

    def endless() -> Iterator[Path]:
        nonlocal asked
        while True:
            asked += 1
            yield path

    results = read_each(reader, endless(), NOTHING, threads=2)
    for _ in range(5):
        next(results)
    assert asked <= 5 + 2 * AHEAD + 1
    results.close()  # type: ignore[attr-defined]
    names = [thread.name for thread in threading.enumerate()]
    assert not any("ThreadPoolExecutor" in name for name in names)


def turned(image: Image.Image) -> Image.Image:
    """As a camera that was held sideways stores it, with its note."""
    sideways = image.transpose(Image.Transpose.ROTATE_90)
    sideways.getexif()[0x0112] = 6
    return sideways


def see_through(image: Image.Image) -> Image.Image:
    layer = image.convert("RGBA")
    layer.putalpha(255)
    return layer


@pytest.mark.parametrize(
    ("made", "ending"),
    [
        (turned, "png"),
        (see_through, "png"),
        (lambda image: image.convert("CMYK"), "tiff"),
        (lambda image: image.quantize(256), "png"),
        (lambda image: image.quantize(256), "gif"),
    ],
)
def test_odd_kinds_of_pictures(
    reader: Reader, tmp_path: Path, made, ending: str
) -> None:
    image, path = made(painted("312")), tmp_path / f"odd.{ending}"
    image.save(path, **({"exif": image.getexif()} if made is turned else {}))
    result = one(reader, path)
    assert result.number == "312" and (result.width, result.height) == (200, 100)
    assert result.box == pytest.approx((60, 30, 120, 70), abs=2)


def test_sixteen_bits_tiny_and_huge(reader: Reader, tmp_path: Path) -> None:
    deep = tmp_path / "deep.png"
    Image.fromarray(np.full((20, 30), 40000, np.uint16)).save(deep)
    assert one(reader, deep).width == 30
    Image.new("1", (1, 1)).save(tmp_path / "dot.png")
    assert one(reader, tmp_path / "dot.png").box == (0, 0, 1, 1)
    for size in ((12000, 9000), (60000, 60000)):  # 108 and 3,600 megapixels
        bomb = io.BytesIO()
        Image.new("1", (8, 8)).save(bomb, "PPM")
        header = f"P4\n{size[0]} {size[1]}\n".encode()
        (result,) = read_each(reader, [header + bomb.getvalue()[-8:]], NOTHING)
        assert isinstance(result, LeftOut) and "89 megapixels" in result.reason


def test_boxes_are_drawn_under_names_that_nothing_has(
    reader: Reader, tmp_path: Path
) -> None:
    first = tmp_path / "door.png"
    (tmp_path / "b").mkdir()
    second, third = tmp_path / "b" / "door.jpg", tmp_path / "b" / "Door.bmp"
    for path in (first, second, third):
        painted("77").save(path)
    before = first.read_bytes()
    results = list(read_each(reader, [first, second, third], Wish(boxes=tmp_path)))
    drawn = [r.drawn.name for r in results if isinstance(r, PictureRead) and r.drawn]
    assert drawn == ["door-2.png", "door-3.png", "Door-4.png"]
    assert first.read_bytes() == before
    with Image.open(tmp_path / "door-2.png") as picture:
        assert picture.width == 320  # enlarged: the text must be legible
        orange = np.all(np.asarray(picture) == (255, 140, 0), axis=2)
    rows, columns = np.nonzero(orange[:160])
    # 60 ... 120 of 200 pixels, enlarged 1.6 times, the line outside
    assert columns.min() == pytest.approx(96, abs=5)
    assert columns.max() == pytest.approx(192, abs=5)
    assert rows.min() == pytest.approx(48, abs=5)
    assert orange[160:].sum() > 20  # the text


def test_a_folder_for_boxes_that_cannot_be_is_the_users_fault(
    reader: Reader, tmp_path: Path
) -> None:
    (path,) = saved(tmp_path, "1")
    with pytest.raises(UsageError, match="--boxes .*cannot be made"):
        list(read_each(reader, [path], Wish(boxes=path)))
    if os.geteuid():  # the superuser may write everywhere
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o500)
        with pytest.raises(UsageError, match="cannot be written"):
            list(read_each(reader, [path], Wish(boxes=closed)))


def test_a_full_disk_leaves_no_half_picture(
    reader: Reader,
    tmp_path: Path,
    full_disk: Callable[[int], AbstractContextManager[None]],
) -> None:
    (path,) = saved(tmp_path, "1")
    with (
        full_disk(100),
        pytest.raises(UsageError, match=r"0\.png: .* \(File too large"),
    ):
        list(read_each(reader, [path], Wish(boxes=tmp_path / "out")))
    assert list((tmp_path / "out").iterdir()) == []
