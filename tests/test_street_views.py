"""What a network sees of street pictures."""

import pytest
import torch

from convatlas import street_views
from convatlas.data.dataset import Split
from convatlas.errors import RecipeError, UsageError
from convatlas.recipe import Recipe
from convatlas.training.examples import Examples
from convatlas.training.tasks import DigitsTask


def pictures() -> Examples:
    """A white rectangle on black, said to be the two digits of 12."""
    images = torch.zeros(4, 3, 64, 128, dtype=torch.uint8)
    images[:, :, 16:32, 32:64] = 255
    boxes = torch.full((4, 5, 4), torch.nan)
    boxes[:, 0] = torch.tensor([0.25, 0.25, 0.375, 0.5])
    boxes[:, 1] = torch.tensor([0.375, 0.25, 0.5, 0.5])
    labels = torch.full((4, 5), 10)
    labels[:, :2] = torch.tensor([1, 2])
    sizes = torch.tensor([[64, 128]] * 4)
    return Examples(images, labels, 11, DigitsTask(), boxes, sizes)


def test_the_number_is_cut_out_with_its_margin() -> None:
    seen = street_views.seen(pictures(), Recipe(view="number", margin=0.0), (16, 32))
    assert seen.images.dtype == torch.uint8
    assert (seen.images[:, :, 1:-1, 1:-1] == 255).all()
    wide = street_views.seen(pictures(), Recipe(view="number", margin=0.5), (32, 64))
    assert (wide.images[:, :, 9:23, 17:47] == 255).all()
    assert (wide.images[:, :, :7] == 0).all()
    assert wide.boxes is not None
    torch.testing.assert_close(wide.boxes[0, 0], torch.tensor([0.25, 0.25, 0.5, 0.75]))


def test_the_whole_picture_is_only_scaled() -> None:
    view = street_views.augmentation(Recipe(), (32, 64))
    batch = view(pictures(), torch.Generator())
    assert (batch.images[:, :, 9:15, 17:31] == 255).all()
    torch.testing.assert_close(batch.boxes[:, :2], pictures().boxes[:, :2])
    seen = street_views.seen(pictures(), Recipe(), (32, 64))
    torch.testing.assert_close(seen.images.float(), batch.images.round())


@pytest.mark.parametrize("view", ["number", "find", "whole"])
def test_random_views_hold_the_number(view: str) -> None:
    recipe = Recipe(view=view, light=0.5, rotation=5, shear=5)
    change = street_views.augmentation(recipe, (32, 64))
    one = change(pictures(), torch.Generator().manual_seed(1))
    again = change(pictures(), torch.Generator().manual_seed(1))
    other = change(pictures(), torch.Generator().manual_seed(2))
    assert torch.equal(one.images, again.images)
    assert not torch.equal(one.images, other.images)
    assert one.images.shape == (4, 3, 32, 64)
    assert torch.equal(one.labels, pictures().labels)


def test_views_of_numbers_need_boxes() -> None:
    split = Split(pictures().images, pictures().labels)
    with pytest.raises(UsageError, match="^view = 'number': mine does not say where"):
        street_views.check_view(Recipe(view="number"), split, "mine")
    street_views.check_view(Recipe(), split, "mine")


def test_the_tutorials_crop_is_what_their_networks_see() -> None:
    recipe = Recipe(view="tutorial", rotation=0, light=0)
    size = street_views.input_size(recipe, (64, 128))
    assert size == (60, 120)
    assert street_views.input_size(Recipe(view="number"), (64, 128)) == (64, 128)
    view = street_views.augmentation(recipe, size)(pictures(), torch.Generator())
    assert view.images.shape == (4, 3, 60, 120) and view.boxes is None
    # out of 64×128 pixels: what was white is as large as it was
    assert [int((image[0] > 127).sum()) for image in view.images] == [16 * 32] * 4
    seen = street_views.seen(pictures(), recipe, size)
    assert int((seen.images[0, 0] > 127).sum()) == 15 * 30


def test_a_margin_below_zero_leaves_the_edges_of_whole_pictures_away() -> None:
    seen = street_views.seen(pictures(), Recipe(), (32, 64), margin=-0.25)
    # the middle half: the rectangle's quarters begin in its corner
    assert (seen.images[:, :, :15, :31] == 255).all()
    assert (seen.images[:, :, 17:, 33:] == 0).all()
    assert seen.boxes is not None
    expected = torch.tensor([0.0, 0.0, 0.25, 0.5])
    torch.testing.assert_close(seen.boxes[0, 0], expected)


def test_views_are_told_in_words() -> None:
    number = Recipe(view="number", margin=0.15)
    assert street_views.shown(number) == "true crops, margin 15 %"
    assert street_views.shown(number, 0.3) == "true crops, margin 30 %"
    assert street_views.shown(Recipe(view="tutorial")) == "whole pictures"
    assert street_views.shown(Recipe(), -0.1) == "whole pictures, margin -10 %"


def test_who_finds_cannot_learn_from_the_tutorials_view() -> None:
    split = Split(pictures().images, pictures().labels, boxes=pictures().boxes)
    with pytest.raises(UsageError, match="is for networks that read"):
        street_views.check_view(Recipe(view="tutorial"), split, "x", finds=True)


@pytest.mark.parametrize(
    ("view", "setting", "value"),
    [
        ("number", "shift", 0.1),
        ("whole", "scale", 0.2),
        ("find", "flip", True),
        ("tutorial", "shear", 5.0),
        ("tutorial", "erasing", 0.5),
    ],
)
def test_settings_that_do_nothing_are_refused(
    view: str, setting: str, value: float
) -> None:
    split = Split(pictures().images, pictures().labels, boxes=pictures().boxes)
    recipe = Recipe(view=view, **{setting: value})
    with pytest.raises(UsageError, match=f"^{setting} = {value}: nothing follows"):
        street_views.check_view(recipe, split, "mine")


def test_small_rectangles_are_erased() -> None:
    plain = Recipe(view="number", light=0)
    kept, erased = (
        street_views.augmentation(recipe, (32, 64))(
            pictures(), torch.Generator().manual_seed(1)
        )
        for recipe in (plain, plain.changed(erasing=1.0))
    )
    changed = (kept.images != erased.images).any(dim=1)
    torch.testing.assert_close(kept.boxes, erased.boxes, equal_nan=True)
    for image, where in zip(erased.images, changed, strict=True):
        assert 0.005 < where.float().mean() < 0.1
        assert (image[:, where] == image[:, where][:, :1]).all()  # one colour


def test_crops_beside_the_number_are_labelled_as_none() -> None:
    batch = pictures().taken(torch.arange(4).repeat(16))
    recipe = Recipe(view="number", empty=0.5)
    made = street_views.augmentation(recipe, (32, 64))(batch, torch.Generator())
    nowhere = made.boxes.isnan().flatten(1).all(dim=1)
    assert 0 < nowhere.sum() < 64
    none = (made.labels == 10).all(dim=1)
    assert torch.equal(none, nowhere)
    assert torch.equal(made.labels[~none], batch.labels[~none])


def test_only_crops_can_miss_the_number() -> None:
    with pytest.raises(RecipeError, match="empty: only view = 'number'"):
        Recipe.checked({"view": "whole", "empty": 0.1})
