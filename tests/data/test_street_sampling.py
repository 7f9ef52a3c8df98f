import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from convatlas.data.street_sampling import (
    bites,
    halved,
    halved_more,
    halvings_for,
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
    assert torch.allclose(halved(images, down, across), expected, atol=1e-4)
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


def test_fine_stripes_become_grey_and_not_coarse_stripes() -> None:
    stripes = pictures(1, 64, 128) * 0
    stripes[..., ::2] = 200
    whole = torch.eye(2, 3)[None] * 0.95
    (halvings,) = halvings_for(whole, (64, 128), (32, 64)).tolist()
    rows = torch.arange(1)
    smooth = sampled(stripes, rows, whole, (32, 64), tuple(halvings))
    assert float(smooth.std()) < 0.01 and float(smooth.mean()) == pytest.approx(100)
    assert float(sampled(stripes, rows, whole, (32, 64), (0, 0)).std()) > 20


def test_every_row_is_in_one_bite() -> None:
    images = pictures(100, 128, 256)
    random = torch.Generator().manual_seed(1)
    halvings = torch.randint(0, 3, (100, 2), generator=random)
    apart = torch.rand(100, generator=random) < 0.4
    seen = []
    for rows, (down, across), together in bites(halvings, apart, images):
        assert halvings[rows].tolist() == [[down, across]] * len(rows)
        assert apart[rows].tolist() == [together] * len(rows)
        assert len(rows) <= 16
        seen += rows.tolist()
    assert sorted(seen) == list(range(100))
