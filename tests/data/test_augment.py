import math

import pytest
import torch
from torch import Tensor

from convatlas.data.augment import Augment, warp
from convatlas.data.erasing import AREA
from convatlas.recipe import Recipe


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def pictures(count: int = 6, channels: int = 1, side: int = 28) -> Tensor:
    return torch.randint(
        0, 256, (count, channels, side, side), dtype=torch.uint8, generator=generator(7)
    )


ALL = Augment(shift=0.1, rotation=15, scale=0.2, shear=10, erasing=0.5, flip=True)


def test_nothing_asked_for_changes_nothing() -> None:
    images = pictures()
    assert not Augment().active
    state = generator()
    before = state.get_state()
    assert torch.equal(Augment()(images, state), images.to(torch.float32))
    assert torch.equal(state.get_state(), before)


def test_a_recipe_says_what_is_done() -> None:
    values = {"shift": 0.1, "rotation": 5.0, "scale": 0.2, "shear": 3.0}
    recipe = Recipe(**values, erasing=0.25, flip=True)
    assert Augment.from_recipe(recipe) == Augment(**values, erasing=0.25, flip=True)
    assert not Augment.from_recipe(Recipe()).active


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_the_result_is_float_of_the_same_range(dtype: torch.dtype) -> None:
    images = pictures(64, 3).to(dtype)
    made = ALL(images, generator())
    assert made.dtype == torch.float32 and made.shape == images.shape
    assert 0 <= float(made.min()) and float(made.max()) <= 255.01


def test_the_same_generator_gives_the_same_pictures() -> None:
    images = pictures(32)
    assert torch.equal(ALL(images, generator(3)), ALL(images, generator(3)))
    assert not torch.equal(ALL(images, generator(3)), ALL(images, generator(4)))


def test_nothing_but_the_generator_is_used() -> None:
    before = torch.get_rng_state()
    ALL(pictures(), generator())
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize(
    "augment",
    [
        Augment(shift=0.2),
        Augment(rotation=20),
        Augment(scale=0.3),
        Augment(shear=20),
        Augment(erasing=1),
    ],
)
def test_each_picture_is_changed_in_its_own_way(augment: Augment) -> None:
    one = pictures(1).repeat(16, 1, 1, 1)
    made = augment(one, generator())
    assert augment.active
    assert len({image.numpy().tobytes() for image in made}) == 16


def ones(count: int) -> Tensor:
    return torch.ones(count)


def nothing(count: int, **values: Tensor) -> dict[str, Tensor]:
    still = {name: ones(count) * 0 for name in ("angle", "move_x", "move_y", "slant")}
    return {**still, "size": ones(count), **values}


def test_whole_pixels_are_moved_right_and_down() -> None:
    images = pictures(2).to(torch.float32)
    move = torch.tensor([3.0, -2.0])
    made = warp(images, **nothing(2, move_x=move, move_y=torch.tensor([0.0, 5.0])))
    assert torch.allclose(made[0, 0, :, 3:], images[0, 0, :, :-3], atol=1e-2)
    assert float(made[0, 0, :, :3].abs().max()) == pytest.approx(0, abs=1e-2)
    assert torch.allclose(made[1, 0, 5:, :-2], images[1, 0, :-5, 2:], atol=1e-2)


def test_a_quarter_turn_is_clockwise() -> None:
    images = pictures(1).to(torch.float32)
    made = warp(images, **nothing(1, angle=ones(1) * 90))
    assert torch.allclose(made, images.rot90(-1, (2, 3)), atol=2e-2)


def test_a_larger_size_enlarges() -> None:
    images = torch.zeros(1, 1, 28, 28)
    images[..., 10:18, 10:18] = 255
    made = warp(images, **nothing(1, size=ones(1) * 2))
    assert float(made.sum() / images.sum()) == pytest.approx(4, rel=0.02)


@pytest.mark.slow  # imports torchvision
def test_the_geometry_is_torchvisions() -> None:
    from torchvision.transforms.v2 import InterpolationMode, functional

    random = generator(5)

    def draw(span: float) -> Tensor:
        return (torch.rand(8, generator=random) * 2 - 1) * span

    images = torch.rand(8, 3, 20, 31, generator=random) * 255
    values = {
        "angle": draw(40),
        "move_x": draw(5),
        "move_y": draw(5),
        "size": 1 + draw(0.4),
        "slant": draw(30),
    }
    made = warp(images, **values)
    for i, image in enumerate(images):
        theirs = functional.affine(
            image,
            angle=float(values["angle"][i]),
            translate=[float(values["move_x"][i]), float(values["move_y"][i])],
            scale=float(values["size"][i]),
            shear=[float(values["slant"][i]), 0.0],
            interpolation=InterpolationMode.BILINEAR,
        )
        assert torch.allclose(made[i], theirs, atol=5e-3)


def centre(images: Tensor) -> tuple[Tensor, Tensor]:
    """x and y of the centre of mass from the middle, in pixels."""
    side = images.shape[-1]
    line = torch.arange(side) - (side - 1) / 2
    mass = images.sum((1, 2, 3))
    return (images.sum((1, 2)) @ line) / mass, (images.sum((1, 3)) @ line) / mass


def test_shifts_fill_their_range_evenly() -> None:
    images = torch.zeros(2000, 1, 28, 28)
    images[..., 12:16, 12:16] = 255
    for moved in centre(Augment(shift=0.25)(images, generator())):
        assert float(moved.abs().max()) == pytest.approx(0.25 * 28, abs=0.05)
        assert float(moved.mean()) == pytest.approx(0, abs=0.3)
        assert float(moved.std()) == pytest.approx(0.5 * 28 / math.sqrt(12), rel=0.05)


def test_half_of_the_pictures_are_mirrored_exactly() -> None:
    images = pictures(1).repeat(1000, 1, 1, 1)
    made = Augment(flip=True)(images, generator())
    same = (made == images).flatten(1).all(1)
    turned = (made == images.flip(-1)).flatten(1).all(1)
    assert bool((same ^ turned).all())
    assert int(turned.sum()) == pytest.approx(500, abs=60)


def test_mirroring_comes_before_the_rest() -> None:
    images = pictures(4, 3).to(torch.float32)
    values = nothing(4, angle=torch.tensor([10.0, -20, 30, 0]), move_x=ones(4) * 3)
    chosen = torch.tensor([True, False, True, True])
    expected = warp(
        torch.where(chosen[:, None, None, None], images.flip(-1), images), **values
    )
    assert torch.allclose(warp(images, **values, mirrored=chosen), expected, atol=5e-3)


def test_erasing_blanks_one_rectangle_in_its_share_of_the_pictures() -> None:
    images = torch.full((1000, 1, 40, 40), 255, dtype=torch.uint8)
    gone = (Augment(erasing=0.3)(images, generator()) == 0)[:, 0]
    hit = gone.flatten(1).any(1)
    assert int(hit.sum()) == pytest.approx(300, abs=50)
    for mask in gone[hit]:
        rows, columns = mask.any(1), mask.any(0)
        assert torch.equal(mask, rows[:, None] & columns[None, :])  # a rectangle
        for line in (rows, columns):  # in one piece
            there = torch.nonzero(line).flatten()
            assert int(there[-1] - there[0]) + 1 == len(there)
    areas = gone[hit].flatten(1).float().mean(1)
    assert AREA[0] * 0.8 < float(areas.min())
    assert float(areas.max()) < AREA[1] * 1.1


def test_colours_of_a_pixel_stay_together() -> None:
    images = pictures(8).repeat(1, 3, 1, 1)
    made = ALL(images, generator())
    assert torch.equal(made[:, 0], made[:, 1]) and torch.equal(made[:, 0], made[:, 2])
