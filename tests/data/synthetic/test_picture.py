import numpy as np
import pytest
from PIL import Image

from convatlas.data.dataset import SPLITS
from convatlas.data.synthetic import picture
from convatlas.data.synthetic.camera import holding, mapped
from convatlas.data.synthetic.picture import draw, plan


def pixels(index: int, split: str = "train", seed: int = 0) -> bytes:
    return draw(seed, split, index).image.tobytes()  # type: ignore[arg-type]


def test_a_picture_depends_on_seed_split_and_index_only() -> None:
    state = np.random.get_state()[1].copy()  # type: ignore[index, union-attr]
    first = [pixels(index) for index in (4, 5, 6)]
    assert [pixels(index) for index in (6, 5, 4)] == first[::-1]
    assert pixels(4, seed=1) != first[0]
    assert pixels(4, split="test") != first[0]
    assert np.array_equal(np.random.get_state()[1], state)  # type: ignore[index]


@pytest.mark.parametrize("split", SPLITS)
def test_every_digit_has_a_box_in_the_picture(split: str) -> None:
    for index in range(40):
        made = draw(0, split, index)  # type: ignore[arg-type]
        assert made.image.mode == "RGB"
        assert made.boxes.shape == (len(made.number), 4)
        assert made.boxes.min() >= 0.0 and made.boxes.max() <= 1.0
        extent = (made.boxes[:, 2:] - made.boxes[:, :2]) * made.image.size
        assert extent[:, 0].min() >= 1.0 and extent[:, 1].min() >= 6


def test_boxes_are_where_the_ink_is() -> None:
    """Each digit's mask alone through the camera, against its box."""
    for index in range(40):
        made = plan(np.random.default_rng(index), "train")
        wide = made.size[0] * made.scale, made.size[1] * made.scale
        for item, box in zip(made.items, made.boxes(), strict=True):
            layer = Image.new("L", made.scene)
            layer.paste(item.mask, (item.left, item.top))
            seen = layer.transform(
                wide,
                Image.Transform.PERSPECTIVE,
                (made.matrix / made.matrix[2, 2]).flatten()[:8].tolist(),
                Image.Resampling.BILINEAR,
            )
            level = 0.4 * np.asarray(item.mask).max()
            ink = Image.fromarray((np.asarray(seen) >= level).astype(np.uint8))
            found = np.array(ink.getbbox(), float) / made.scale
            expected = box * np.tile(made.size, 2)
            assert np.abs(found - expected).max() < 1.6, index


def test_digits_can_be_told_from_their_ground() -> None:
    """Grey levels in the box of a number spread, if only a little."""
    spreads = []
    for index in range(60):
        made = draw(0, "train", index)
        left, top = made.boxes[:, :2].min(axis=0) * made.image.size
        right, bottom = made.boxes[:, 2:].max(axis=0) * made.image.size
        inner = made.image.convert("L").crop((left, top, right + 1, bottom + 1))
        spreads.append(np.subtract(*np.percentile(np.asarray(inner), [95, 5])))
    assert np.median(spreads) > 70
    assert np.mean(np.array(spreads) < 20) < 0.06


def test_photos_are_of_the_sizes_that_such_photos_have() -> None:
    plans = [plan(np.random.default_rng([7, i]), "train") for i in range(300)]
    heights = np.array([made.size[1] for made in plans])
    aspects = np.array([made.size[0] / made.size[1] for made in plans])
    assert 40 < np.median(heights) < 65 and heights.max() < 450
    assert 2.2 < np.median(aspects) < 2.6
    tall = [
        made.boxes()[:, 3].max() - made.boxes()[:, 1].min()
        for made in plans
        if len(made.number) > 1
    ]
    assert 0.4 < np.median(tall) < 0.65


def test_a_view_is_moved_until_it_holds_the_number() -> None:
    still, photo = np.eye(3), (100, 50)
    inside = np.array([[10.0, 10], [60, 40]])
    assert np.allclose(holding(still, inside, photo), still)
    for points in (inside - (30, 20), inside + (60, 20), inside * 3):
        seen = mapped(np.linalg.inv(holding(still, points, photo)), points)
        assert (seen >= (1.9, 0.9)).all() and (seen <= (98.1, 49.1)).all()


def test_a_change_of_the_drawing_goes_with_a_new_version() -> None:
    """Whoever changes what is drawn has to raise VERSION: caches stand for it."""
    made = plan(np.random.default_rng([0, 0, 0]), "train")
    assert (picture.VERSION, made.number, made.size) == (2, "10", (431, 142))
