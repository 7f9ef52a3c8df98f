import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from convatlas.data.pictures import look_at, read_picture
from convatlas.errors import DataError, PictureError
from convatlas.picture_names import find_pictures

RANDOM = np.random.RandomState(0)
GREY = RANDOM.randint(0, 256, (20, 30)).astype(np.uint8)
RGB = RANDOM.randint(0, 256, (20, 30, 3)).astype(np.uint8)
SMOOTH = np.add.outer(np.arange(20) * 4, np.arange(30) * 5).astype(np.uint8)


def chw(array: np.ndarray) -> torch.Tensor:
    array = array[..., None] if array.ndim == 2 else array
    return torch.from_numpy(array.transpose(2, 0, 1).copy())


@pytest.mark.parametrize("ending", ["png", "bmp", "webp", "tiff", "ppm"])
@pytest.mark.parametrize("channels", [1, 3])
def test_exact_formats_are_read_exactly(
    tmp_path: Path, ending: str, channels: int
) -> None:
    path = tmp_path / f"图片 {channels}.{ending}"
    if ending == "webp":
        Image.fromarray(RGB).save(path, lossless=True)
    else:
        Image.fromarray(RGB).save(path)
    expected = RGB if channels == 3 else np.array(Image.fromarray(RGB).convert("L"))
    made = read_picture(path, channels)
    assert made.dtype == torch.uint8 and made.is_contiguous()
    assert torch.equal(made, chw(expected))
    assert look_at(path) == (20, 30, True)


def test_jpeg(tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    Image.fromarray(SMOOTH).save(path, quality=95)
    assert (read_picture(path, 1).int() - chw(SMOOTH).int()).abs().max() < 8
    assert look_at(path) == (20, 30, False)


def test_grey_becomes_rgb(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(GREY).save(path)
    assert torch.equal(read_picture(path, 3), chw(GREY).repeat(3, 1, 1))


def test_the_content_tells_the_format_not_the_name(tmp_path: Path) -> None:
    path = tmp_path / "really.jpg"
    Image.fromarray(GREY).save(path, "PNG")
    assert torch.equal(read_picture(path, 1), chw(GREY))


def test_a_picture_is_turned_as_its_camera_noted(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned clockwise by a quarter
    Image.fromarray(GREY).save(path, exif=exif)
    assert torch.equal(read_picture(path, 1), chw(np.rot90(GREY, -1)))
    assert look_at(path) == (30, 20, False)


def test_a_palette_gives_its_colours(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    image = Image.fromarray(RGB).quantize(16)
    image.save(path)
    assert torch.equal(read_picture(path, 3), chw(np.array(image.convert("RGB"))))
    assert look_at(path)[2]
    Image.fromarray(GREY).quantize(16).save(path)
    assert not look_at(path)[2]


def test_one_bit_is_black_and_white(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(GREY > 127).save(path)
    assert torch.equal(read_picture(path, 1), chw((GREY > 127) * np.uint8(255)))


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    ink = np.zeros((4, 6, 4), np.uint8)  # black, wholly transparent
    ink[1, 1, 3] = 255
    ink[2, 2, 3] = 128
    Image.fromarray(ink).save(path)
    made = read_picture(path, 1)[0]
    assert int(made[0, 0]) == 255 and int(made[1, 1]) == 0
    assert int(made[2, 2]) == pytest.approx(127, abs=1)
    Image.fromarray(GREY).save(path, transparency=int(GREY[0, 0]))
    assert int(read_picture(path, 1)[0, 0, 0]) == 255
    assert not look_at(path)[2]


def test_cmyk_becomes_rgb(tmp_path: Path) -> None:
    path = tmp_path / "a.tiff"
    cmyk = np.zeros((4, 4, 4), np.uint8)
    cmyk[..., 1:3] = 255  # magenta and yellow ink: red
    Image.fromarray(cmyk, "CMYK").save(path)
    assert read_picture(path, 3)[:, 0, 0].tolist() == [255, 0, 0]


def test_16_bits_keep_the_upper_eight(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    wide = GREY.astype(np.uint16) * 256 + 77
    Image.fromarray(wide).save(path)
    assert torch.equal(read_picture(path, 1), chw(GREY))
    assert torch.equal(read_picture(path, 3), chw(GREY).repeat(3, 1, 1))


@pytest.mark.parametrize("ending", ["gif", "webp", "png", "tiff"])
def test_of_many_frames_the_first_is_read(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"a.{ending}"
    frames = [Image.new("L", (30, 20), value) for value in (255, 0, 0)]
    lossless = {"lossless": True} if ending == "webp" else {}
    frames[0].save(path, save_all=True, append_images=frames[1:], **lossless)
    assert read_picture(path, 1).unique().tolist() == [255]


def test_a_size_can_be_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    Image.fromarray(RGB).save(path)
    made = read_picture(path, 3, (12, 9))
    expected = Image.fromarray(RGB).resize((9, 12), Image.Resampling.BILINEAR)
    assert torch.equal(made, chw(np.array(expected)))


def png(width: int, height: int) -> bytes:
    """A tiny file that claims to be large."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        checksum = struct.pack(">I", zlib.crc32(kind + body))
        return struct.pack(">I", len(body)) + kind + body + checksum

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1000))
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", rows)
        + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("size", [(10_000, 10_000), (20_000, 20_000)])
def test_a_decompression_bomb_is_refused(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png(*size))
    with pytest.raises(PictureError, match=r"bomb\.png: has more than 89 megapixels"):
        read_picture(path, 1)


def whole(ending: str, tmp_path: Path) -> bytes:
    path = tmp_path / f"whole.{ending}"
    Image.fromarray(RGB).save(path)
    return path.read_bytes()


@pytest.mark.parametrize("ending", ["png", "jpg", "webp", "bmp", "gif", "tiff"])
def test_a_file_that_was_cut_off(tmp_path: Path, ending: str) -> None:
    content = whole(ending, tmp_path)
    path = tmp_path / f"cut.{ending}"
    path.write_bytes(content[: len(content) * 2 // 3])
    with pytest.raises(PictureError) as caught:
        read_picture(path, 3)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def test_damage_inside(tmp_path: Path) -> None:
    content = bytearray(whole("png", tmp_path))
    content[60:90] = bytes(30)
    path = tmp_path / "damaged.png"
    path.write_bytes(content)
    with pytest.raises(PictureError, match=r"damaged\.png: is damaged or cut off"):
        read_picture(path, 3)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", r"is empty \(0 bytes\)"),
        (b"\x89PNG\r\n\x1a\n", "is "),
        (b"I am a text, not a picture", r"is no picture that can be read \(PNG, JPEG"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "is no picture that can be"),
    ],
)
def test_no_picture(tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "7.png"
    path.write_bytes(content)
    with pytest.raises(PictureError, match=rf"7\.png: {words}"):
        read_picture(path, 1)


def test_floating_point_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.tiff"
    Image.fromarray(GREY.astype(np.float32)).save(path)
    with pytest.raises(PictureError, match="floating-point values; save it with 8 or"):
        read_picture(path, 1)


def test_32_bits_that_fit_no_eight(tmp_path: Path) -> None:
    path = tmp_path / "a.tiff"
    Image.fromarray(GREY.astype(np.int32) * 1000).save(path)
    with pytest.raises(PictureError, match="values from 0 to 255000; save it with 8"):
        read_picture(path, 1)


def test_no_file_and_a_folder(tmp_path: Path) -> None:
    with pytest.raises(PictureError, match=r"x\.png: no such file"):
        read_picture(tmp_path / "x.png", 1)
    with pytest.raises(PictureError, match="is a folder, not a picture"):
        read_picture(tmp_path, 1)


def make(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")


def test_files_folders_and_patterns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(tmp_path, "10.png", "9.PNG", "in/8.jpg", "in/.hidden.png", "in/note.txt")
    make(tmp_path, "数字/七.webp", "odd[1].png", "in/Thumbs.db")
    monkeypatch.chdir(tmp_path)

    def found(*names: str) -> list[str]:
        return [path.as_posix() for path in find_pictures(names)]

    assert found("in") == ["in/8.jpg"]
    assert found("*.png") == ["10.png", "odd[1].png"]
    assert found(".") == ["9.PNG", "10.png", "in/8.jpg", "odd[1].png", "数字/七.webp"]
    assert found("**/*.jpg", "数字", "in/8.jpg") == ["in/8.jpg", "数字/七.webp"]
    assert found("odd[1].png") == ["odd[1].png"]
    assert found("in/note.txt") == ["in/note.txt"]  # named, so it is meant


def test_names_that_lead_nowhere(tmp_path: Path) -> None:
    make(tmp_path, "in/note.txt")
    with pytest.raises(DataError, match=r"in: a folder without pictures \(PNG"):
        find_pictures([tmp_path / "in"])
    with pytest.raises(DataError, match=r"x\.png: no such file or folder"):
        find_pictures([tmp_path / "x.png"])
    with pytest.raises(DataError, match=r"\*\.png: no file matches"):
        find_pictures([str(tmp_path / "*.png")])
