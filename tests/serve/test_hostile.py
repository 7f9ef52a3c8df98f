"""Pictures that were damaged on purpose: never a 5xx, and no memory is kept."""

import io
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

DATA = Path(__file__).parent / "data"
SAMPLES = Path(__file__).parents[2] / "src" / "convatlas" / "serve" / "page" / "samples"
KINDS = ("PNG", "JPEG", "WEBP", "BMP", "GIF", "TIFF", "PPM")
ALLOWED = {200, 400, 413, 415, 422}
MEBIBYTE = 1 << 20


def valid() -> list[bytes]:
    """A small picture in each kind and in odd modes."""
    digit = Image.open(DATA / "digit.png")
    photo = Image.open(SAMPLES / "door-1.jpg").resize((64, 48))
    exif = Image.Exif()
    exif[0x0112] = 8
    found = []
    for kind in KINDS:
        for image in (digit, photo):
            buffer = io.BytesIO()
            image.save(buffer, kind, **({"exif": exif} if kind in KINDS[:3] else {}))
            found.append(buffer.getvalue())
    for mode in ("1", "P", "LA", "RGBA", "I;16", "CMYK"):
        buffer = io.BytesIO()
        digit.convert("RGB" if mode == "CMYK" else "L").convert(mode).save(
            buffer, "TIFF" if mode in ("CMYK", "I;16") else "PNG"
        )
        found.append(buffer.getvalue())
    return found


def damaged(content: bytes, chance: random.Random) -> bytes:
    """The same with one to four things wrong."""
    data = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        place = chance.randrange(len(data))
        match chance.randrange(7):
            case 0:  # bits
                data[place] ^= 1 << chance.randrange(8)
            case 1:  # sizes and counts are in the first bytes
                data[chance.randrange(min(64, len(data)))] = chance.choice(
                    (0, 127, 255)
                )
            case 2:
                data[place : place + 4] = chance.choice(
                    (b"\xff\xff\xff\xff", b"\x00\x00\x00\x00", b"\x7f\xff\xff\xff")
                )
            case 3:
                del data[place:]
            case 4:
                del data[place : place + chance.randint(1, 16)]
            case 5:
                data[place:place] = chance.randbytes(chance.randint(1, 64))
            case 6:
                data += data[: chance.randint(1, 200)]
        data = data or bytearray(b"\x00")
    return bytes(data)


def uploads(count: int, seed: int) -> Iterator[bytes]:
    chance, originals = random.Random(seed), valid()
    for number in range(count):
        yield damaged(originals[number % len(originals)], chance)


def resident(pid: int) -> float:
    """MiB of memory that the process has in use."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.split("VmRSS:")[1].split()[0]) / 1024


def post_all(site, count: int, seed: int, path: str) -> dict[int, int]:
    statuses: dict[int, int] = {}
    for content in uploads(count, seed):
        answer = site.http.post(path, content=content)
        statuses[answer.status_code] = statuses.get(answer.status_code, 0) + 1
        if answer.status_code != 200:
            assert "\n" not in answer.json()["error"]["message"]
    return statuses


def complaints(site) -> list[str]:
    """What the server logged; libtiff, a C library, writes past every log."""
    return [line for line in site.errors if not line.startswith("TIFF")]


@pytest.mark.parametrize("path", ["/v1/predict", "/v1/read"])
def test_damaged_pictures_are_refused_or_read(site, path: str) -> None:
    statuses = post_all(site, 150, 1, path)
    assert set(statuses) <= ALLOWED
    assert statuses.get(200, 0) > 5 and len(statuses) >= 3  # the damage is neither
    assert complaints(site) == []


def test_undamaged_ones_of_every_kind_are_read(site) -> None:
    for content in valid():
        assert site.http.post("/v1/read", content=content).status_code == 200


def test_damaged_forms_are_refused_or_read(site) -> None:
    chance = random.Random(2)
    head = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\n\r\n'
    )
    form = head + (DATA / "digit.png").read_bytes() + b"\r\n--x--\r\n"
    headers = {"content-type": "multipart/form-data; boundary=x"}
    for _ in range(100):
        body = damaged(form, chance)
        answer = site.http.post("/v1/predict", content=body, headers=headers)
        assert answer.status_code in ALLOWED
    assert complaints(site) == []


@pytest.mark.slow
def test_ten_thousand_damaged_pictures_leave_no_memory_behind(start_server) -> None:
    with start_server() as own:
        post_all(own, 1000, 3, "/v1/predict")
        post_all(own, 1000, 4, "/v1/read")
        before = resident(own.process.pid)
        statuses = post_all(own, 5000, 5, "/v1/predict")
        for status, count in post_all(own, 5000, 6, "/v1/read").items():
            statuses[status] = statuses.get(status, 0) + count
        after = resident(own.process.pid)
        assert set(statuses) <= ALLOWED and sum(statuses.values()) == 10_000
        assert after - before < 40, f"{before:.0f} MiB became {after:.0f}"
        assert complaints(own) == []
