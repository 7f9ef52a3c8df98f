import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from convatlas.data.street_sampling import (
    bites,
    halved,
    halved_more,
    halvings_for,
    points_of,
    put_back,
    sampled,
)


def pictures(count: int = 3, height: int = 32, width: int = 64) -> Tensor:
    random = torch.Generator().manual_seed(7)
    shape = (count, 3, height, width)
    return torch.randint(0, 256, shape, dtype=torch.uint8, generator=random)


@pytest.mark.parametrize("down", [0, 1, 2, 3])
@pytest.mark.parametrize("across", [0, 1, 2, 4])
def test_halving_takes_means(down: int, across: int) -> None:
    images = pictures()
    expected = F.avg_pool2d(images.float(), (2**down, 2**across))
    assert torch.allclose(halved(images.clone(), down, across), expected, atol=1e-4)
    turned = images.transpose(2, 3).contiguous().transpose(2, 3)
    assert torch.allclose(halved(turned, down, across), expected, atol=1e-4)


def test_halvings_follow_the_shrinking_of_each_axis() -> None:
    zooms = torch.tensor([[1.0, 1.0], [0.7, 1.0], [0.4, 0.2], [1.0, 0.1]])
    theta = torch.zeros(4, 2, 3)
    theta[:, 0, 0], theta[:, 1, 1] = zooms[:, 0], zooms[:, 1]
    # 64 × 128 to 16 × 64: the whole picture is 4 rows and 2 columns for one
    made = halvings_for(theta, (64, 128), (16, 64))
    assert made.tolist() == [[2, 1], [2, 0], [0, 0], [0, 1]]


def test_sides_are_not_halved_to_odd_ones() -> None:
    whole = torch.eye(2, 3)[None]
    assert halvings_for(whole, (66, 70), (8, 8)).tolist() == [[1, 1]]
    assert halvings_for(whole, (65, 4096), (8, 8)).tolist() == [[0, 4]]
    more = halved_more(torch.tensor([[1, 0]]), torch.tensor([True]), (66, 70))
    assert more.tolist() == [[1, 1]]


def seen(
    images: Tensor, theta: Tensor, size: tuple[int, int], halvings: tuple[int, int]
) -> Tensor:
    """All windows, by as many bites as it takes."""
    times = torch.tensor([halvings]).repeat(len(images), 1)
    canvas = images.shape[2], images.shape[3]
    apart = torch.zeros(len(images), dtype=torch.bool)
    parts, _, theta = bites(theta, times, apart, canvas)
    points = points_of(size, images.device)
    made = torch.empty(len(images), 3, *size)
    for bite in parts:
        made[bite.rows] = sampled(images, bite, theta, points, size)
    return made


def test_fine_stripes_become_grey_and_not_coarse_stripes() -> None:
    stripes = pictures(1, 64, 128) * 0
    stripes[..., ::2] = 200
    whole = torch.eye(2, 3)[None] * 0.95
    ((down, across),) = halvings_for(whole, (64, 128), (32, 64)).tolist()
    smooth = seen(stripes, whole, (32, 64), (down, across))
    assert float(smooth.std()) < 0.01 and float(smooth.mean()) == pytest.approx(100)
    assert float(seen(stripes, whole, (32, 64), (0, 0)).std()) > 20


def test_only_a_part_of_a_picture_is_needed_and_nothing_changes() -> None:
    """Against sampling from the whole picture: inside, at edges and beyond them."""
    images = pictures(64, 64, 128)
    random = torch.Generator().manual_seed(3)
    theta = torch.rand(64, 2, 3, generator=random) * 0.8 - 0.4
    theta[:, :, 2] *= 4  # some middles lie outside
    theta[:20, :, :2] *= 0.01
    size = (20, 30)
    for down, across in ((0, 0), (1, 0), (0, 2), (2, 1)):
        grid = F.affine_grid(theta, [64, 3, *size], align_corners=False)
        whole = F.avg_pool2d(images.float(), (2**down, 2**across))
        expected = F.grid_sample(
            whole, grid, padding_mode="border", align_corners=False
        )
        made = seen(images, theta, size, (down, across))
        assert torch.allclose(made, expected, atol=0.02)
        for i in range(64):
            one = slice(i, i + 1)
            alone = seen(images[one], theta[one], size, (down, across))
            assert torch.allclose(alone, expected[one], atol=0.02)


def test_every_row_is_in_one_bite() -> None:
    random = torch.Generator().manual_seed(1)
    theta = torch.rand(100, 2, 3, generator=random)
    halvings = torch.randint(0, 2, (100, 2), generator=random)
    apart = torch.rand(100, generator=random) < 0.2
    rows: list[int] = []
    parts, order, _ = bites(theta, halvings, apart, (128, 256))
    for bite in parts:
        assert bite.place == slice(len(rows), len(rows) + len(bite.rows))
        count = len(bite.rows)
        assert halvings[bite.rows].tolist() == [list(bite.halvings)] * count
        assert apart[bite.rows].tolist() == [bite.apart] * count
        assert 0 < count <= 16 and len(bite.corners) == count
        rows += bite.rows.tolist()
    assert sorted(rows) == list(range(100)) and rows == order.tolist()


def test_nothing_makes_no_bite() -> None:
    none = torch.zeros(0, dtype=torch.bool)
    found = bites(torch.zeros(0, 2, 3), torch.zeros(0, 2).long(), none, (128, 256))
    assert found.parts == [] and found.theta.shape == (0, 2, 3)


def test_what_was_made_comes_back_into_its_rows_cut_to_bytes() -> None:
    images = torch.full((5, 1, 2, 2), 7.0)
    theta = torch.eye(2, 3).repeat(5, 1, 1)
    apart = torch.tensor([False, True, False, True, False])
    (_, bite), _, _ = bites(theta, torch.zeros(5, 2).long(), apart, (4, 4))
    part = torch.tensor([-3.0, 300.0])[:, None, None, None].expand(2, 1, 2, 2)
    put_back(images, bite, part)
    assert images[:, 0, 0, 0].tolist() == [7, 0, 7, 255, 7]
