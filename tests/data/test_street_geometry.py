import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from convatlas.data.street_geometry import (
    plane,
    shares_of,
    to_canvas,
    turned,
    union,
    widened,
    zoomed_out,
)
from convatlas.data.street_sampling import bites, points_of, sampled


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def draw(count: int, low: float, high: float, seed: int = 0) -> Tensor:
    return torch.rand(count, generator=generator(seed)) * (high - low) + low


def smooth(count: int, height: int, width: int) -> Tensor:
    """N 3 H W, uint8, without detail that scaling would lose."""
    coarse = torch.rand(count, 3, 5, 9, generator=generator(2)) * 255
    made = F.interpolate(coarse, (height, width), mode="bicubic", align_corners=False)
    return made.clamp(0, 255).round().to(torch.uint8)


def seen(images: Tensor, theta: Tensor, size: tuple[int, int]) -> Tensor:
    count, canvas = len(images), (images.shape[2], images.shape[3])
    halvings = torch.zeros(count, 2, dtype=torch.int64)
    parts, _, theta = bites(
        theta, halvings, torch.zeros(count, dtype=torch.bool), canvas
    )
    made = torch.empty(count, 3, *size)
    for bite in parts:
        made[bite.rows] = sampled(
            images, bite, theta, points_of(size, images.device), size
        )
    return made


BOX = torch.tensor([[[0.2, 0.3, 0.5, 0.8]]])


def test_the_union_is_of_the_digits_that_are_there() -> None:
    none = [torch.nan] * 4
    boxes = torch.tensor(
        [[[0.1, 0.4, 0.2, 0.8], [0.3, 0.2, 0.5, 0.7], none], [none, none, none]]
    )
    made = union(boxes)
    assert made[0].tolist() == pytest.approx([0.1, 0.2, 0.5, 0.8])
    assert bool(made[1].isnan().all())


@pytest.mark.slow  # imports torchvision
def test_turning_is_torchvisions_in_true_aspect() -> None:
    from torchvision.transforms.v2 import InterpolationMode, functional

    height, width = 150, 210  # the canvas is 128 × 256: its aspect is not kept
    images = smooth(6, height, width)
    canvases = functional.resize(images, [128, 256], antialias=True)
    sizes = torch.tensor([[height, width]]).repeat(6, 1)
    angle, slant = draw(6, -20, 20), draw(6, -15, 15, seed=1)
    pictures = plane(BOX.repeat(6, 1, 1), sizes, turned(angle, slant))
    theta = to_canvas(pictures, pictures.frame)
    size = (height, width)
    made = seen(canvases, theta, size)
    for i, image in enumerate(images):
        theirs = functional.affine(
            torch.cat([image.float(), torch.ones(1, height, width)]),
            angle=float(angle[i]),
            translate=[0, 0],
            scale=1.0,
            shear=[float(slant[i]), 0.0],
            center=[0.35 * width, 0.55 * height],
            interpolation=InterpolationMode.BILINEAR,
        )
        inside = theirs[3] > 0.999  # beyond the picture, theirs is black
        assert float(inside.float().mean()) > 0.6
        off = (made[i] - theirs[:3]).abs()[:, inside]
        assert float(off.max()) < 6 and float(off.mean()) < 0.8


@pytest.mark.slow  # imports torchvision
def test_a_window_is_torchvisions_resized_crop() -> None:
    from torchvision.transforms.v2 import functional

    images = smooth(3, 128, 256)
    windows = [(40.0, 20.0, 168.0, 100.0), (0.0, 0.0, 60.0, 128.0), (9, 8, 100, 70)]
    sizes = torch.tensor([[128, 256]]).repeat(3, 1)
    pictures = plane(BOX.repeat(3, 1, 1), sizes, torch.eye(2).expand(3, 2, 2))
    window = torch.tensor(windows) - pictures.centres.repeat(1, 2)
    theta = to_canvas(pictures, window)
    made = seen(images, theta, (96, 160))
    for i, (left, top, right, bottom) in enumerate(windows):
        theirs = functional.resized_crop(
            images[i].float(),
            top=int(top),
            left=int(left),
            height=int(bottom - top),
            width=int(right - left),
            size=[96, 160],
            antialias=False,
        )
        # at the border theirs sees nothing beyond the crop
        off = (made[i] - theirs).abs()[:, 2:-2, 3:-3]
        assert float(off.max()) < 0.05


def test_a_turned_digit_reaches_as_far_as_its_shape() -> None:
    """The dual norm against points on |x/a|⁴ + |y/b|⁴ = 1."""
    sizes = torch.tensor([[100, 300]])
    turns = turned(torch.tensor([17.0]), torch.tensor([-9.0]))
    pictures = plane(BOX, sizes, turns)
    t = torch.linspace(0, 2 * torch.pi, 20001)
    shape = torch.stack([t.cos(), t.sin()])
    shape = shape.sign() * shape.abs().sqrt()
    half = torch.tensor([0.15 * 300, 0.25 * 100])
    points = turns[0] @ (shape * half[:, None])
    expected = torch.cat([points.amin(dim=1), points.amax(dim=1)])
    assert torch.allclose(pictures.number[0], expected, atol=0.05)


def test_margins_end_at_the_frame() -> None:
    frame = torch.tensor([[0.0, 0.0, 100.0, 50.0]])
    box = torch.tensor([[10.0, 20.0, 50.0, 40.0]])
    made = widened(box, torch.tensor([[0.5, 0.25, 0.1, -0.1]]), frame)
    assert made.tolist() == [[0.0, 15.0, 54.0, 38.0]]


def test_wider_windows_hold_the_inner_one_and_stay_in_the_frame() -> None:
    count = 500
    frame = torch.tensor([[0.0, 0.0, 100.0, 50.0]]).repeat(count, 1)
    inner = torch.tensor([[10.0, 20.0, 30.0, 40.0]]).repeat(count, 1)
    place = torch.rand(count, 2, generator=generator(5))
    window = zoomed_out(
        inner, frame, draw(count, 0, 1), draw(count, -0.3, 0.3, seed=1), place
    )
    assert bool((window[:, :2] <= inner[:, :2] + 1e-3).all())
    assert bool((window[:, 2:] >= inner[:, 2:] - 1e-3).all())
    assert bool((window[:, :2] >= -1e-3).all())
    assert bool((window[:, 2:] <= frame[:, 2:] + 1e-3).all())
    none, full = torch.zeros(count), torch.ones(count)
    assert torch.allclose(zoomed_out(inner, frame, none, none, place), inner)
    assert torch.allclose(zoomed_out(inner, frame, full, none, place), frame, atol=1e-3)
    half = zoomed_out(inner, frame, full / 2, none, place)
    assert torch.allclose(half[:, 2] - half[:, 0], torch.tensor(2000.0).sqrt())


def test_shares_are_of_the_window() -> None:
    window = torch.tensor([[-10.0, 0.0, 10.0, 40.0]])
    boxes = torch.tensor([[[-5.0, 10.0, 5.0, 50.0], [torch.nan] * 4]])
    made = shares_of(window, boxes)
    assert made[0, 0].tolist() == [0.25, 0.25, 0.75, 1.0]
    assert bool(made[0, 1].isnan().all())
