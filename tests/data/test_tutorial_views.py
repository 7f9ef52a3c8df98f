"""The tutorials' transforms against torchvision's own, picture by picture."""

from itertools import permutations

import pytest
import torch
from torchvision.transforms.v2 import functional as tv

from convatlas.data.tutorial_views import (
    TutorialViews,
    crop_of,
    cropped,
    jittered,
    larger,
    resized,
    rotated,
)


def pictures(count: int = 4, size: tuple[int, int] = (64, 128)) -> torch.Tensor:
    made = torch.Generator().manual_seed(3)
    coarse = torch.randint(0, 256, (count, 3, 9, 13), generator=made)
    return resized(coarse, size).clamp(0, 255).to(torch.uint8)


def test_resizing_is_torchvisions() -> None:
    images = pictures(2, (128, 256)).float()
    theirs = tv.resize(images, [64, 128], antialias=True)
    torch.testing.assert_close(resized(images, (64, 128)), theirs)


def test_crops_are_torchvisions() -> None:
    images, top, left = (
        pictures(),
        torch.tensor([0, 1, 4, 2]),
        torch.tensor([8, 0, 3, 1]),
    )
    ours = cropped(images, top, left, (60, 120))
    for row in range(4):
        theirs = tv.crop(images[row], int(top[row]), int(left[row]), 60, 120)
        assert torch.equal(ours[row], theirs)


def test_the_jitter_of_colours_is_torchvisions_in_every_order() -> None:
    steps = (tv.adjust_brightness, tv.adjust_contrast, tv.adjust_saturation)
    images = pictures(6).float()
    factors = torch.tensor([[1.3, 0.7, 1.2], [0.7, 1.3, 0.8], [1.1, 1.2, 0.9]] * 2)
    order = torch.tensor(list(permutations(range(3))))
    ours = jittered(images, factors, order)
    for row in range(6):
        theirs = images[row] / 255
        for step in order[row].tolist():
            theirs = steps[step](theirs, float(factors[row, step]))
        torch.testing.assert_close(ours[row] / 255, theirs, atol=1e-5, rtol=0)


@pytest.mark.parametrize("angle", [-10.0, -3.5, 0.0, 7.0])
def test_turns_are_torchvisions(angle: float) -> None:
    images = pictures(2, (60, 120)).float()
    ours = rotated(images, torch.full((2,), angle))
    theirs = tv.rotate(images, angle)
    # the nearest of two pixels that are equally near may differ
    assert (ours != theirs).float().mean() < 0.005


def test_a_view_is_the_chain_of_the_tutorials() -> None:
    """Without chance in it, ours is torchvision's Compose."""
    images = pictures(3, (128, 256))
    still = TutorialViews(rotation=0, light=0)
    ours = still(images, torch.Generator().manual_seed(0), (60, 120))
    assert ours.shape == (3, 3, 60, 120)
    large = tv.resize(images.float(), [64, 128], antialias=True)
    for row in range(3):
        windows = large[row].unfold(1, 60, 1).unfold(2, 120, 1)
        near = (windows.permute(1, 2, 0, 3, 4) - ours[row]).abs().amax((2, 3, 4))
        assert near.shape == (5, 9) and (near == 0).sum() >= 1


def test_each_picture_has_a_view_of_its_own_by_the_generator() -> None:
    images = pictures(1, (128, 256)).expand(8, 3, 128, 256)
    view = TutorialViews()
    one = view(images, torch.Generator().manual_seed(1), (60, 120))
    again = view(images, torch.Generator().manual_seed(1), (60, 120))
    assert torch.equal(one, again)
    assert len({tuple(each.flatten()[:500].tolist()) for each in one}) == 8
    assert one.min() >= 0 and one.max() <= 255


def test_sizes_of_the_tutorials() -> None:
    assert larger((60, 120)) == (64, 128) and crop_of((64, 128)) == (60, 120)
