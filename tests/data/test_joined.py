import itertools
from pathlib import Path

import pytest
import torch
from PIL import Image

from convatlas import data
from convatlas.data.catalogue import judged_by, parts
from convatlas.data.joined import shared
from convatlas.errors import DataError, UnknownName, UsageError
from convatlas.preparation import prepare
from convatlas.verbs.train import train

from ..verbs.house_numbers import QUICK, TRAIN, VALIDATION, folder_of_numbers


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return folder_of_numbers(tmp_path_factory.mktemp("numbers"))


def test_trains_on_both_and_is_judged_by_the_first(folder: Path) -> None:
    both = data.load("protocol-p+synthetic-numbers@10", folder=folder)
    real = data.load("protocol-p", folder=folder)
    drawn = data.load("synthetic-numbers@10", folder=folder)
    assert len(both.train) == len(real.train) + 10
    assert torch.equal(both.train.images[-10:], drawn.train.images)
    assert torch.equal(both.validation.labels, real.validation.labels)
    assert torch.equal(both.test.labels, real.test.labels)
    assert both.spec == real.spec and both.name == "protocol-p+synthetic-numbers@10"
    assert both.sha256 not in (real.sha256, drawn.sha256)
    assert real.licence in both.licence and drawn.licence in both.licence


def test_shorter_numbers_are_filled_up(folder: Path) -> None:
    both = data.load("protocol-p+synthetic-numbers@10", folder=folder).train
    drawn = data.load("synthetic-numbers@10", folder=folder).train
    places = drawn.labels.shape[1]
    assert both.labels.shape[1] >= places and both.boxes is not None
    assert torch.equal(both.labels[-10:, :places], drawn.labels)
    assert (both.labels[-10:, places:] == 10).all()
    assert drawn.boxes is not None
    kept = both.boxes[-10:, :places]
    assert torch.equal(kept.isnan(), drawn.boxes.isnan())
    assert torch.equal(kept.nan_to_num(), drawn.boxes.nan_to_num())
    assert both.boxes[-10:, places:].isnan().all()


def test_a_training_goes_over_all_of_them(folder: Path, tmp_path: Path) -> None:
    run = train(
        "street-cnn",
        "protocol-p+synthetic-numbers@10",
        recipe=QUICK,
        data_dir=folder,
        device="cpu",
        out=tmp_path / "run",
    ).run
    assert run.info.data["train"] > TRAIN + 9
    assert run.info.data["validation"] == VALIDATION


def test_the_recipe_is_that_of_the_first(folder: Path) -> None:
    names = {
        prepare("street-reader", name, data_dir=folder).recipe_name
        for name in ("protocol-p", "protocol-p+synthetic-numbers@10")
    }
    assert names == {"street-reader"}


@pytest.mark.parametrize(
    ("name", "error", "says"),
    [
        ("digits-5k+protocol-p", UsageError, "1×28×28, those of protocol-p 3×128×256"),
        ("protocol-p+", UnknownName, "no data set is called ''"),
        ("protocol-p+minst", UnknownName, "did you mean"),
    ],
)
def test_what_cannot_be_joined(
    name: str, error: type[Exception], says: str, folder: Path
) -> None:
    with pytest.raises(error, match=says):
        data.load(name, folder=folder)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("mnist", ["mnist"]),
        ("mnist+fashion-mnist", ["mnist", "fashion-mnist"]),
        ("a+synthetic-numbers@5", ["a", "synthetic-numbers@5"]),
        ("folder:c++/x", ["folder:c++/x"]),
        ("folder:a+b+mnist", ["folder:a+b", "mnist"]),
        ("mnist+folder:a+b", ["mnist", "folder:a+b"]),
        ("numbers:a+b.csv+numbers:c.csv", ["numbers:a+b.csv", "numbers:c.csv"]),
    ],
)
def test_a_plus_in_a_path_stays_there(name: str, expected: list[str]) -> None:
    assert list(parts(name)) == expected
    assert judged_by(name) == expected[0]


def test_own_pictures_take_the_size_of_the_first(tmp_path: Path) -> None:
    for digit, shade in itertools.product(range(10), range(5)):
        path = tmp_path / "my+digits" / str(digit) / f"{shade}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (20, 30), 20 * digit + shade).save(path)
    both = data.load(f"digits-5k+folder:{tmp_path / 'my+digits'}").train
    assert both.images.shape[0] > 4010 and both.images.shape[1:] == (1, 28, 28)
    own = both.images[4000:].flatten(1).amax(dim=1) // 20
    assert torch.equal(own.to(torch.int64), both.labels[4000:])


def test_own_pictures_need_no_test_pictures(tmp_path: Path) -> None:
    for split, digit in itertools.product(("train", "validation"), range(10)):
        path = tmp_path / split / str(digit) / "one.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (28, 28), 20 * digit + len(split)).save(path)
    both = data.load(f"folder:{tmp_path}+digits-5k")
    assert len(both.train) == 4010 and len(both.validation) == 10
    with pytest.raises(DataError, match="test"):
        both.test  # noqa: B018


def test_pictures_to_judge_by_are_not_trained_on(real_data: Path) -> None:
    leaking = data.load("digits-5k+mnist", folder=real_data)
    with pytest.raises(
        UsageError, match=r"4\d\d of the validation pictures of digits-5k are among"
    ):
        leaking.train  # noqa: B018
    again = data.load("mnist+digits-5k", folder=real_data)
    with pytest.raises(UsageError, match=r"of the validation pictures of mnist are"):
        again.train  # noqa: B018


def test_pictures_that_differ_in_a_pixel_are_not_the_same() -> None:
    some = torch.randint(0, 256, (20, 3, 16, 32), dtype=torch.uint8)
    others = torch.cat([some[5:9], 255 - some])
    assert shared(some, others) == 4
    others[0, 1, 15, 31] ^= 1
    assert shared(some, others) == 3
