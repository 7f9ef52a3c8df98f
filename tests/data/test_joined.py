from pathlib import Path

import pytest
import torch

from convatlas import data
from convatlas.errors import UnknownName, UsageError
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
    assert names == {"street-reader.protocol-p"}


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
