"""Real searches of seconds on digits-5k: journal, halving, interruption, going on."""

import json
import signal
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from optuna.trial import FixedTrial

from convatlas import recipes
from convatlas.errors import MissingExtra, UnknownName, UsageError
from convatlas.recipe import Recipe
from convatlas.verbs import search_recipe as module
from convatlas.verbs.search_journal import Search, Tried
from convatlas.verbs.search_recipe import confirm, search_recipe
from convatlas.verbs.search_space import (
    DECAYS,
    RATES,
    SPACE,
    checked,
    drawn,
    own_draws,
    usual,
)

QUICK = Search(
    "mnist-cnn",
    "digits-5k",
    Recipe(epochs=1, batch_size=32),
    vary=("lr", "batch_size"),
    pictures=320,
    stages=2,
    device="cpu",
)


class FirstValues:
    """Draws the lowest number, or the first value, and remembers the names."""

    def __init__(self) -> None:
        self.names: list[str] = []

    def suggest_float(
        self, name: str, low: float, high: float, *, log: bool = False
    ) -> float:
        self.names.append(name)
        return low

    def suggest_categorical(self, name: str, choices: tuple[object, ...]) -> object:
        self.names.append(name)
        return choices[-1] if name == "optimizer" else choices[0]


def test_values_that_belong_together_are_drawn_together() -> None:
    trial = FirstValues()
    names = ("lr", "momentum", "optimizer", "first_size", "resize_until")
    recipe = drawn(trial, Recipe(), names)
    assert recipe.optimizer == "sgd" and recipe.nesterov
    assert recipe.lr == RATES["sgd"].low and recipe.momentum == 0.85
    # full size: until when it is smaller does not matter, and is not drawn
    assert trial.names == ["optimizer", "lr of sgd", "momentum", "first_size"]


@pytest.mark.parametrize("name", recipes.shipped())
def test_what_a_search_begins_with_can_be_drawn(name: str) -> None:
    base = recipes.load(name)
    if base.weight_decay == 0:  # not on a scale of sizes
        base = base.changed(weight_decay=1e-9)
    names = usual("accuracy", "lenet5-tanh")
    assert drawn(FixedTrial(own_draws(base, names)), base, names) == base


def test_values_outside_of_the_space_can_be_drawn_too() -> None:
    odd = Recipe(lr=0.5, weight_decay=1e-5, warmup=0.6, shift=0.07, momentum=0)
    names = ("lr", "weight_decay", "warmup", "shift")
    draws = own_draws(odd, names)
    assert drawn(FixedTrial(draws), odd, names) == odd
    others = ("optimizer", "lr", "shift")
    adam = {**own_draws(odd, others), "shift": 0.04}
    assert drawn(FixedTrial(adam), odd, others) == odd.changed(shift=0.04)


def test_what_cannot_be_drawn_is_the_nearest() -> None:
    long = Recipe(epochs=50, weight_decay=0)
    assert own_draws(long, ("epochs", "weight_decay")) == {
        "epochs": SPACE["epochs"].high,
        "weight_decay of adamw": DECAYS["adamw"].low,
    }


def test_what_is_varied_is_checked() -> None:
    assert "epochs" in usual("time", "lenet5-tanh")
    assert "epochs" not in usual("accuracy", "lenet5-tanh")
    assert {"shift", "scale"} < set(usual("time", "lenet5-tanh"))
    street = set(usual("time", "street-reader"))
    assert not {"shift", "scale"} & street and {"shear", "erasing"} < street
    assert checked(("batch-size", "lr", "lr"), "accuracy", "lenet5-tanh") == (
        "batch_size",
        "lr",
    )
    with pytest.raises(UnknownName, match="did you mean batch_size"):
        checked(("batchsize",), "time", "lenet5-tanh")
    with pytest.raises(UsageError, match="at a given cost"):
        checked(("epochs",), "accuracy", "lenet5-tanh")


def test_what_is_too_short_to_judge_by_is_not_given_up(tmp_path: Path) -> None:
    assert QUICK.pictures is not None
    assert QUICK.pictures / 32 / 3 < module.FEWEST_STEPS
    found, _ = search_recipe(QUICK, tmp_path / "journal.jsonl", trials=4)
    assert all(tried.finished for tried in found)


def test_a_search_finds_gives_up_early_and_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "FEWEST_STEPS", 0)
    journal = tmp_path / "found" / "journal.jsonl"
    seen: list[Tried] = []
    first, stopped_by = search_recipe(QUICK, journal, trials=4, watch=seen.append)
    assert stopped_by is None and len(first) == len(seen) == 4
    assert all(json.loads(line) for line in journal.read_text().splitlines())
    finished = [tried for tried in first if tried.finished]
    assert finished == list(first[: len(finished)])
    assert finished[0].accuracies[-1] == max(t.accuracies[-1] for t in finished)
    assert all(len(tried.accuracies) == 2 for tried in finished)
    assert len({tried.recipe.lr for tried in first}) == 4
    assert seen[0].recipe == QUICK.base

    more, _ = search_recipe(QUICK, journal, trials=1)
    assert {t.number for t in more} == {0, 1, 2, 3, 4}
    assert len({tried.recipe.lr for tried in more}) == 5  # none is tried twice
    with pytest.raises(UsageError, match=r"another search \(pictures differ\)"):
        search_recipe(replace(QUICK, pictures=500), journal, trials=1)


@pytest.mark.parametrize("text", [b"words\n", b'{"a": 1}\n', b"[1]\n", b"\xff\n"])
def test_what_is_no_journal_stays_as_it_is(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(text)
    with pytest.raises(UsageError, match=r"notes.txt: is no journal of a search"):
        search_recipe(QUICK, path, trials=1)
    assert [one.read_bytes() for one in tmp_path.iterdir()] == [text]


def test_a_journal_that_cannot_be_written(tmp_path: Path, full_disk) -> None:
    with pytest.raises(UsageError, match="cannot be read or written: Is a directory"):
        search_recipe(QUICK, tmp_path, trials=1)
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="cannot be read or written: "):
        search_recipe(QUICK, tmp_path / "file" / "journal", trials=1)
    with full_disk(10), pytest.raises(UsageError, match="written: File too large"):
        search_recipe(QUICK, tmp_path / "journal", trials=1)


def test_an_interrupted_try_is_taken_up_again(tmp_path: Path) -> None:
    journal = tmp_path / "journal.jsonl"

    def stop(tried: Tried) -> None:
        signal.raise_signal(signal.SIGINT)

    found, stopped_by = search_recipe(QUICK, journal, trials=9, watch=stop)
    assert stopped_by == signal.SIGINT and len(found) == 1

    with pytest.MonkeyPatch.context() as patch:
        whole = module.prepare

        def prepare(*args: object, **kwargs: object) -> object:
            signal.raise_signal(signal.SIGTERM)
            return whole(*args, **kwargs)  # type: ignore[arg-type]

        patch.setattr(module, "prepare", prepare)
        found, stopped_by = search_recipe(QUICK, journal, trials=9)
    assert stopped_by == signal.SIGTERM and len(found) == 1
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    left = [
        line["user_attr"]["recipe"]
        for line in lines
        if "recipe" in line.get("user_attr", {})
    ][-1]
    found, stopped_by = search_recipe(QUICK, journal, trials=1)
    assert stopped_by is None and len(found) == 2
    assert left in [tried.recipe.model_dump() for tried in found]


def test_the_shortest_training_that_reaches_an_accuracy(tmp_path: Path) -> None:
    easy = replace(
        QUICK, base=Recipe(lr=5e-3, batch_size=32), vary=("epochs",), target=0.12
    )
    found, _ = search_recipe(easy, tmp_path / "j.jsonl", trials=4)
    enough = [t for t in found if t.finished and sum(t.accuracies) / 2 >= 0.12]
    assert enough and sum(found[0].seconds) == min(sum(t.seconds) for t in enough)


def test_a_rate_that_diverges_is_no_result(tmp_path: Path) -> None:
    wild = replace(
        QUICK,
        base=Recipe(optimizer="sgd", momentum=0.9, lr=1e30, batch_size=8),
        vary=("warmup",),
    )
    seen: list[Tried] = []
    found, _ = search_recipe(wild, tmp_path / "j.jsonl", trials=1, watch=seen.append)
    assert found == () and seen[0].accuracies == ()


def test_confirming_takes_all_pictures_and_says_mean_and_deviation() -> None:
    confirmed = confirm(QUICK, QUICK.base, seeds=2)
    assert len(set(confirmed.accuracies)) == 2
    assert min(confirmed.accuracies) > 0.3  # one epoch of 4,000 pictures, not of 320
    assert "(n = 2)" in confirmed.text and "±" in confirmed.text


def test_a_search_needs_an_end_and_optuna(tmp_path: Path, monkeypatch) -> None:
    with pytest.raises(UsageError, match="needs an end"):
        search_recipe(QUICK, tmp_path / "j.jsonl")
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtra, match=r"pip install 'convatlas\[search\]'"):
        search_recipe(QUICK, tmp_path / "j.jsonl", trials=1)
    assert not (tmp_path / "j.jsonl").exists()
