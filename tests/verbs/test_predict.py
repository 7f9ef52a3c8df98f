from pathlib import Path

import pytest
import torch
from PIL import Image, ImageOps

from convatlas import data
from convatlas.errors import DataError, PictureError, UsageError
from convatlas.runs import Run
from convatlas.verbs.predict import predict


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twenty test digits as photos: enlarged, off the middle, half dark on light."""
    folder = tmp_path_factory.mktemp("digits")
    test = data.load("digits-5k").test
    for index in torch.linspace(0, 499, 20).long().tolist():
        picture = Image.fromarray(test.images[index, 0].numpy()).resize((140, 140))
        page = Image.new("L", (400, 300))
        page.paste(picture, (30 + 9 * (index % 10), 60))
        label = int(test.labels[index])
        if index % 2:
            page = ImageOps.invert(page)
        page.save(folder / f"{label}-{index}.png")
    return folder


def test_digits_of_any_size_and_polarity_are_read(
    trained_run: Run, digits: Path
) -> None:
    result = predict(trained_run, [digits])
    hits = sum(p.answers[0].name == p.file.name[0] for p in result.predictions)
    assert len(result.predictions) == 20 and hits >= 17


def test_answers_are_the_best_first(trained_run: Run, digits: Path) -> None:
    (one, *_) = predict(trained_run, [digits / "*.png"], top=10).predictions
    values = [answer.probability for answer in one.answers]
    assert values == sorted(values, reverse=True)
    assert sum(values) == pytest.approx(1, abs=1e-5)
    assert len({answer.name for answer in one.answers}) == 10


def test_bad_pictures_stop_or_are_listed(
    trained_run: Run, digits: Path, tmp_path: Path
) -> None:
    good = tmp_path / "good.png"
    good.write_bytes(next(digits.iterdir()).read_bytes())
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"not a picture")
    with pytest.raises(PictureError, match="bad.png"):
        predict(trained_run, [good, bad])
    result = predict(trained_run, [good, bad], skip_bad=True)
    assert [p.file.name for p in result.predictions] == ["good.png"]
    ((file, reason),) = result.left_out
    assert file.name == "bad.png" and "bad.png" in reason


def test_missing_pictures_are_named(trained_run: Run, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="nowhere.png"):
        predict(trained_run, [tmp_path / "nowhere.png"])
    with pytest.raises(UsageError, match="top = 0"):
        predict(trained_run, [tmp_path], top=0)


def test_a_blank_photo_is_named(trained_run: Run, tmp_path: Path) -> None:
    Image.new("L", (200, 300), 180).save(tmp_path / "blank.png")
    with pytest.raises(PictureError, match=r"blank\.png: the picture is blank"):
        predict(trained_run, [tmp_path / "blank.png"])
    assert len(predict(trained_run, [tmp_path], skip_bad=True).left_out) == 1
