from pathlib import Path

from PIL import Image

from convatlas.recipe import Recipe
from convatlas.verbs.lr_find import find_lr


def test_the_suggestion_trains_and_the_course_is_drawn(tmp_path: Path) -> None:
    seen = []
    found = find_lr(
        recipe=Recipe(batch_size=64),
        steps=60,
        picture=tmp_path / "course.png",
        watch=seen.append,
    )
    assert found.suggestion is not None and 1e-4 < found.suggestion < 1
    assert list(found.points) == seen
    with Image.open(tmp_path / "course.png") as picture:
        assert picture.width > 600
