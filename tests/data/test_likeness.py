import numpy as np
import torch
from PIL import Image, ImageEnhance

from convatlas.data.likeness import NEAR_BITS, SIDE, code, near_pairs


def photo(seed: int) -> Image.Image:
    """Soft shapes, as a photo has them; no two seeds alike."""
    random = np.random.RandomState(seed)
    small = Image.fromarray(random.randint(0, 256, (6, 10)).astype(np.uint8))
    return small.resize((120, 70), Image.Resampling.BICUBIC)


def coded(image: Image.Image) -> bytes | None:
    small = image.convert("L").resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    return code(torch.from_numpy(np.array(small))[None])


def test_scaled_saved_again_or_brighter_is_the_same(tmp_path) -> None:
    photos = [photo(seed) for seed in range(40)]
    jpeg = tmp_path / "a.jpg"
    photos[3].save(jpeg, quality=60)
    changed = [
        photos[0].resize((90, 52)),
        Image.open(jpeg),
        ImageEnhance.Brightness(photos[7]).enhance(0.8),
    ]
    codes = [coded(image) for image in photos + changed]
    assert near_pairs(codes) == [(0, 40), (3, 41), (7, 42)]


def test_even_pictures_are_like_nothing() -> None:
    flat = [Image.new("L", (30, 20), 100), Image.new("L", (30, 20), 110)]
    codes = [coded(image) for image in flat]
    assert codes == [None, None] and near_pairs(codes) == []


def test_pairs_are_those_of_comparing_all_with_all() -> None:
    random = np.random.RandomState(0)
    bits = random.randint(0, 2, (120, 128)).astype(np.uint8)
    for row in range(0, 120, 2):  # a neighbour with 0 to 5 bits changed
        changed = random.permutation(128)[: row // 2 % 6]
        bits[row + 1] = bits[row]
        bits[row + 1, changed] ^= 1
    codes: list[bytes | None] = [bytes(np.packbits(row)) for row in bits]
    codes[10] = None
    expected = [
        (a, b)
        for a in range(120)
        for b in range(a + 1, 120)
        if 10 not in (a, b) and (bits[a] != bits[b]).sum() <= NEAR_BITS
    ]
    assert near_pairs(codes) == expected and len(expected) > 30
