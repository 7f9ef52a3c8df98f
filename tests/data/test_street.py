import dataclasses

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from convatlas.data.street import FINDING, READING, StreetCrops, crop, whole
from convatlas.data.street_geometry import union

SIZE = (64, 128)
# the geometry only, of all windows
PLAIN = StreetCrops(
    brightness=0,
    contrast=0,
    saturation=0,
    tint=0,
    inverted=0,
    blur=0,
    coarse=0,
    grain=0,
)


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def noise(count: int) -> Tensor:
    shape = (count, 3, 128, 256)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator(7))


def numbers(count: int) -> Tensor:
    """N × 5 × 4: one to three digits beside each other, as shares of a picture."""
    random = generator(3)

    def draw(low: float, high: float) -> Tensor:
        return torch.rand(count, generator=random) * (high - low) + low

    boxes = torch.full((count, 5, 4), torch.nan)
    lengths = torch.randint(1, 4, (count,), generator=random)
    left, top = draw(0.15, 0.4), draw(0.2, 0.4)
    width, height = draw(0.08, 0.15), draw(0.25, 0.4)
    for place in range(3):
        edges = [left + place * width, top, left + (place + 0.9) * width, top + height]
        there = lengths > place
        boxes[there, place] = torch.stack(edges, dim=1)[there]
    return boxes


def marked(boxes: Tensor, canvas: tuple[int, int] = (128, 256)) -> Tensor:
    """N 3 H W: in each box the light shape that a digit is taken for, on dark."""
    height, width = canvas
    y = (torch.arange(height) + 0.5) / height
    x = (torch.arange(width) + 0.5) / width
    left, top, right, bottom = (edge[..., None] for edge in boxes.unbind(dim=2))
    across = ((2 * x - left - right) / (right - left)) ** 4
    down = ((2 * y - top - bottom) / (bottom - top)) ** 4
    inside = (across[:, :, None, :] + down[:, :, :, None] < 1).any(dim=1)
    return torch.where(inside, 220, 40).to(torch.uint8)[:, None].repeat(1, 3, 1, 1)


def found(images: Tensor) -> Tensor:
    """N × 4: edges of what is light, as shares."""
    light = images[:, 0] > 130
    height, width = light.shape[1:]
    rows, columns = light.any(dim=2).float(), light.any(dim=1).float()
    edges = [columns.argmax(1), rows.argmax(1)]
    edges += [width - columns.flip(1).argmax(1), height - rows.flip(1).argmax(1)]
    return torch.stack(edges, dim=1) / torch.tensor([width, height, width, height])


SIZES = torch.tensor([[64, 128], [90, 90], [47, 140], [200, 260]]).repeat(16, 1)


@pytest.mark.parametrize(
    "crops",
    [
        dataclasses.replace(PLAIN, margin=(0.1, 0.45)),
        dataclasses.replace(PLAIN, margin=(0.05, 0.3), wider=1, whole=0.3),
        dataclasses.replace(PLAIN, margin=(0.1, 0.4), rotation=25, slant=20),
    ],
    ids=["crops", "wider", "turned far"],
)
def test_boxes_move_with_the_pixels(crops: StreetCrops) -> None:
    boxes = numbers(64)
    views = crops(marked(boxes), boxes, SIZES, generator(), SIZE)
    pixels = torch.tensor([SIZE[1], SIZE[0]] * 2)
    off = (found(views.images) - views.boxes).abs() * pixels
    assert float(off.max()) < 2.5 and float(off.mean()) < 0.7
    assert torch.equal(views.boxes, union(views.digits))
    assert torch.equal(views.digits.isnan(), boxes.isnan())


def test_no_digit_is_cut_unless_the_margin_is_negative() -> None:
    boxes = numbers(64)
    inside = dataclasses.replace(PLAIN, margin=(0.0, 0.0), wider=0.5)
    images = inside(marked(boxes), boxes, SIZES, generator(), SIZE).images
    light = images[:, 0] > 130
    border = [light[:, 0], light[:, -1], light[:, :, 0], light[:, :, -1]]
    # a mark touches the border with its middle at most, not with a part cut off
    assert max(float(edge.float().mean(dim=1).max()) for edge in border) < 0.7
    tight = dataclasses.replace(inside, margin=(-0.1, -0.1), wider=0)
    cut = tight(marked(boxes), boxes, SIZES, generator(), SIZE)
    assert float(cut.boxes.amin()) == 0 and float(cut.boxes.amax()) == 1
    assert float((cut.images[:, 0, 0] > 130).float().mean(dim=1).max()) > 0.7


def test_zooms_go_from_the_crop_to_the_whole_picture() -> None:
    boxes = numbers(512)
    sizes = SIZES.repeat(8, 1)

    def shares(crops: StreetCrops) -> Tensor:
        still = dataclasses.replace(crops, rotation=0, slant=0)
        seen = still(noise(1).expand(512, -1, -1, -1), boxes, sizes, generator(), SIZE)
        return (seen.boxes[:, 2:] - seen.boxes[:, :2]).prod(dim=1)

    truth = (union(boxes)[:, 2:] - union(boxes)[:, :2]).prod(dim=1)
    crops = shares(dataclasses.replace(PLAIN, margin=(-0.03, 0.45)))
    assert 0.25 < float(crops.min()) and float(crops.max()) <= 1
    wider = shares(dataclasses.replace(PLAIN, wider=1, whole=0.5))
    assert float(torch.isclose(wider, truth).float().mean()) == pytest.approx(
        0.5, abs=0.07
    )
    zoom = (wider / truth).log() / (crops / truth).log()  # 0 whole, 1 crop
    assert float(((zoom > 0.1) & (zoom < 0.9)).float().mean()) > 0.25


def test_the_same_generator_gives_the_same_views() -> None:
    boxes, images = numbers(64), noise(64)
    before = torch.get_rng_state()
    first = READING(images, boxes, SIZES, generator(3), SIZE)
    again = READING(images, boxes, SIZES, generator(3), SIZE)
    other = READING(images, boxes, SIZES, generator(4), SIZE)
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first.images, again.images)
    assert torch.equal(first.boxes, again.boxes)
    assert not torch.equal(first.images, other.images)


def test_each_picture_is_changed_in_its_own_way() -> None:
    boxes = numbers(1).repeat(24, 1, 1)
    images = noise(1).repeat(24, 1, 1, 1)
    views = READING(images, boxes, SIZES[:1].repeat(24, 1), generator(), SIZE)
    assert len({image.numpy().tobytes() for image in views.images}) == 24
    assert len({box.numpy().tobytes() for box in views.boxes}) == 24


@pytest.mark.parametrize("crops", [READING, FINDING], ids=["reading", "finding"])
@pytest.mark.parametrize("size", [SIZE, (40, 96), (17, 31)])
def test_values_stay_in_range(crops: StreetCrops, size: tuple[int, int]) -> None:
    views = crops(noise(64), numbers(64), SIZES, generator(), size)
    assert views.images.shape == (64, 3, *size)
    assert views.images.dtype == torch.float32
    assert float(views.images.min()) >= 0 and float(views.images.max()) <= 255
    assert float(views.boxes.min()) >= 0 and float(views.boxes.max()) <= 1


def test_pictures_without_boxes_are_shown_whole() -> None:
    nothing = torch.full((64, 5, 4), torch.nan)
    still = dataclasses.replace(PLAIN, rotation=0, slant=0)
    images = noise(64)
    views = still(images, nothing, SIZES, generator(), (128, 256))
    assert torch.allclose(views.images, images.float(), atol=0.02)
    assert bool(views.boxes.isnan().all()) and bool(views.digits.isnan().all())
    mixed = torch.cat([nothing[:32], numbers(32)])
    some = READING(images, mixed, SIZES, generator(), SIZE)
    assert bool(some.images.isfinite().all())
    assert bool(some.boxes[32:].isfinite().all())
    assert bool(crop(images, nothing, SIZE).images.isfinite().all())


def test_no_pictures_give_no_views() -> None:
    views = READING(noise(0), numbers(0), SIZES[:0], generator(), SIZE)
    assert views.images.shape == (0, 3, *SIZE) and views.boxes.shape == (0, 4)


def test_a_crop_is_the_union_of_the_boxes_and_the_margin() -> None:
    images = noise(2)
    boxes = torch.full((2, 2, 4), torch.nan)
    boxes[0, 0] = torch.tensor([64, 32, 96, 64]) / torch.tensor([256, 128, 256, 128])
    boxes[0, 1] = torch.tensor([96, 48, 128, 96]) / torch.tensor([256, 128, 256, 128])
    boxes[1, 0] = torch.tensor([0.0, 0.25, 0.5, 0.75])
    views = crop(images, boxes, (64, 64), margin=0.0)
    assert torch.allclose(
        views.images[0], images[0, :, 32:96, 64:128].float(), atol=0.02
    )
    assert views.boxes[0].tolist() == pytest.approx([0, 0, 1, 1])
    assert views.digits[0, 1].tolist() == pytest.approx([0.5, 0.25, 1, 1])
    # margin of a quarter a side: 32 ... 160 across, 16 ... 112 down
    views = crop(images, boxes, (96, 96), margin=0.25)
    middle = images[0, :, 16:112, 48:144].float()
    assert torch.allclose(views.images[0], middle, atol=0.02)
    # the picture's left edge stays the edge
    assert views.boxes[1].tolist() == pytest.approx([0, 1 / 6, 0.8, 5 / 6])
    one = union(boxes)[:, None]
    assert torch.allclose(crop(images, one, (96, 96), 0.25).images, views.images)


def test_the_whole_picture_is_halved_by_means() -> None:
    images, boxes = noise(4), numbers(4)
    views = whole(images, boxes, SIZE)
    assert torch.allclose(views.images, F.avg_pool2d(images.float(), 2), atol=0.02)
    assert torch.allclose(views.digits, boxes, equal_nan=True, atol=1e-6)


def test_coarse_pictures_lose_detail_where_it_is_legible() -> None:
    boxes = torch.tensor([0.1, 0.1, 0.6, 0.9]).reshape(1, 1, 4).repeat(8, 1, 1)
    still = dataclasses.replace(PLAIN, rotation=0, slant=0, margin=(0.0, 0.0))
    coarse = dataclasses.replace(still, coarse=1)

    def detail(crops: StreetCrops, height: int) -> float:
        sizes = torch.tensor([[height, 2 * height]]).repeat(8, 1)
        views = crops(noise(8), boxes, sizes, generator(), SIZE)
        return float(views.images.diff(dim=3).abs().mean())

    assert detail(coarse, 100) < 0.6 * detail(still, 100)
    assert detail(coarse, 20) == detail(still, 20)  # its digits have too few pixels


def test_grain_is_of_its_share_of_the_pictures_and_as_strong_as_said() -> None:
    boxes, grey = numbers(256), torch.full((256, 3, 128, 256), 128, dtype=torch.uint8)
    grained = dataclasses.replace(PLAIN, grain=0.5, grain_levels=10)
    views = grained(grey, boxes, SIZES.repeat(4, 1), generator(), SIZE)
    deviation = (views.images - 128).flatten(1).std(dim=1)
    rough = deviation > 0.01
    assert float(rough.float().mean()) == pytest.approx(0.5, abs=0.1)
    assert float(deviation.max()) == pytest.approx(10, abs=0.5)
    assert float(deviation[rough].mean()) == pytest.approx(5, abs=0.7)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_shows_the_same_crops() -> None:
    images, boxes = noise(64), numbers(64)
    here, there = (
        crop(images.to(device), boxes.to(device), SIZE) for device in ("cpu", "cuda")
    )
    assert torch.allclose(here.images, there.images.cpu(), atol=0.05)
    random = torch.Generator("cuda").manual_seed(0)
    views = READING(images.cuda(), boxes.cuda(), SIZES.cuda(), random, SIZE)
    assert views.images.is_cuda and bool(views.images.isfinite().all())


def test_windows_beside_the_number_show_nothing_of_it() -> None:
    boxes = numbers(400)
    canvases = marked(boxes)
    sizes = torch.tensor([[128, 256]]).expand(400, 2)
    crops = dataclasses.replace(PLAIN, empty=0.5)
    views = crops(canvases, boxes, sizes, generator(), (32, 64))
    empty = views.boxes.isnan().all(dim=1)
    assert 0.1 < empty.float().mean() < 0.5  # some have no room
    assert torch.equal(views.digits.isnan().flatten(1).all(dim=1), empty)
    assert views.images[empty].amax() < 60  # dark: 40; digits are 220
    assert views.images[~empty].flatten(1).amax(dim=1).min() > 200
    usual = PLAIN(canvases, boxes, sizes, generator(), (32, 64))
    assert not usual.boxes.isnan().any()
