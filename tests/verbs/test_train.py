import dataclasses
import os
import signal
import time
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors.torch import load_file

from convatlas import data
from convatlas.errors import (
    Diverged,
    NetworkError,
    RecipeError,
    RunError,
    UsageError,
)
from convatlas.recipe import Recipe
from convatlas.runs import Run
from convatlas.training.records import EpochRecord, StepRecord
from convatlas.training.state import TrainingState
from convatlas.verbs.train import Event, Started, Warned, resume, train
from tests.forked import forked

RECIPE = Recipe(epochs=2, batch_size=64, lr=5e-3, shift=0.1, rotation=8, ema=0.9)


@pytest.fixture(scope="module")
def few_digits(tmp_path_factory: pytest.TempPathFactory) -> str:
    """320 training pictures of digits-5k, 50 to validate and 50 to test, as files."""
    folder = tmp_path_factory.mktemp("few")
    whole = data.load("digits-5k")
    for name, split, count in (
        *(("train", whole.train, 32), ("val", whole.validation, 5)),
        ("test", whole.test, 5),
    ):
        for digit in range(10):
            (folder / name / str(digit)).mkdir(parents=True)
            of_digit = split.images[split.labels == digit][:count, 0]
            for index, pixels in enumerate(of_digit.numpy()):
                picture = Image.fromarray(pixels)
                picture.save(folder / name / str(digit) / f"{index}.png")
    return f"folder:{folder}"


def weights(run: Run) -> dict[str, torch.Tensor]:
    return load_file(run.path / "best.safetensors")


def same(one: Run, other: Run) -> bool:
    a, b = weights(one), weights(other)
    return a.keys() == b.keys() and all(torch.equal(a[k], b[k]) for k in a)


def test_a_training_tells_what_happens_and_keeps_the_best_epoch(tmp_path: Path) -> None:
    events: list[Event] = []
    trained = train(
        recipe=RECIPE, out=tmp_path / "run", watch=lambda e, state: events.append(e)
    )
    assert isinstance(events[0], Started)
    assert sum(isinstance(e, StepRecord) for e in events) == events[0].steps == 126
    epochs = [e for e in events if isinstance(e, EpochRecord)]
    assert trained.run.history() == epochs and len(epochs) == 2
    assert trained.best == max(epochs, key=lambda e: e.validation_accuracy or 0)
    assert trained.best.validation_accuracy > 0.8
    assert trained.stopped_by is None
    assert trained.run.info.finished
    assert trained.picture == trained.run.path / "learning-curves.png"


def interrupted_after(
    steps: int, number: signal.Signals, path: Path, data_name: str = "digits-5k"
) -> Run:
    seen = 0

    def watch(event: Event, state: object) -> None:
        nonlocal seen
        seen += isinstance(event, StepRecord)
        if seen == steps and isinstance(event, StepRecord):
            os.kill(os.getpid(), number)

    trained = train("lenet5-tanh", data_name, recipe=RECIPE, out=path, watch=watch)
    assert trained.stopped_by is number
    assert not trained.run.info.finished
    return trained.run


@pytest.fixture(scope="module")
def whole(few_digits: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A training that nothing interrupted."""
    out = tmp_path_factory.mktemp("runs") / "whole"
    return train("lenet5-tanh", few_digits, recipe=RECIPE, out=out).run


@pytest.mark.parametrize(
    ("steps", "number"),
    # of five steps an epoch
    [(2, signal.SIGINT), (5, signal.SIGTERM), (7, signal.SIGINT)],
)
def test_an_interrupted_training_resumes_bit_for_bit(
    steps: int, number: signal.Signals, whole: Run, few_digits: str, tmp_path: Path
) -> None:
    run = interrupted_after(steps, number, tmp_path / "stopped", few_digits)
    trained = resume(run.path)
    assert trained.stopped_by is None and trained.run.info.finished
    assert same(whole, trained.run)
    a, b = whole.load_checkpoint(), trained.run.load_checkpoint()
    for name, value in a["network"].items():
        assert torch.equal(value, b["network"][name])
    kept = [(r.epoch, r.train_loss, r.validation_loss) for r in whole.history()]
    assert kept == [
        (r.epoch, r.train_loss, r.validation_loss) for r in trained.run.history()
    ]


def long_training(path: Path) -> None:
    train(recipe=RECIPE.changed(epochs=100), device="cpu", out=path)


def test_a_killed_process_can_be_resumed_from_the_beginning(tmp_path: Path) -> None:
    path = tmp_path / "run"
    process = forked(tmp_path / "said", long_training, path).process
    while not (path / "run.json").exists():
        assert process.is_alive()
        time.sleep(0.01)
    process.kill()
    process.join()
    assert not Run(path).info.finished


def test_resuming_a_finished_run_or_none_is_refused(trained_run: Run) -> None:
    with pytest.raises(RunError, match="is finished"):
        resume(trained_run.path)
    with pytest.raises(RunError, match="is not a run"):
        resume(trained_run.path.parent)


def test_resuming_on_other_data_is_refused(tmp_path: Path) -> None:
    run = interrupted_after(3, signal.SIGINT, tmp_path / "run")
    text = (run.path / "run.json").read_text()
    changed = text.replace(run.info.data["sha256"], "0" * 64)
    (run.path / "run.json").write_text(changed)
    with pytest.raises(RunError, match="its sha256 changed"):
        resume(run.path)


def test_divergence_is_an_error_with_advice(tmp_path: Path) -> None:
    wild = RECIPE.changed(optimizer="sgd", lr=1e12, schedule="constant", ema=0)
    with pytest.raises(Diverged, match="--lr"):
        train("mnist-cnn", recipe=wild, out=tmp_path / "run")


def test_a_plateau_at_chance_warns(tmp_path: Path) -> None:
    stuck = Recipe(optimizer="sgd", lr=1e-9, epochs=4, schedule="constant")
    events: list[Event] = []
    train(
        "lenet5-sigmoid",
        recipe=stuck,
        out=tmp_path / "run",
        watch=lambda e, _: events.append(e),
    )
    (warning,) = [e for e in events if isinstance(e, Warned)]
    assert "still guesses" in warning.message and "--init" in warning.message


def test_digits_never_flip(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="flip = true: digits-5k does not allow it"):
        train(recipe=RECIPE.changed(flip=True), out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_an_unusable_device_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="device 'cuda:77' cannot be used") as caught:
        train(device="cuda:77", out=tmp_path / "run")
    assert "\n" not in str(caught.value)


def test_larger_inputs_are_padded_or_resized(tmp_path: Path) -> None:
    short = RECIPE.changed(epochs=0.02)
    run = train("lenet5-maxpool", recipe=short, input_size=(32, 32), out=tmp_path / "a")
    assert run.run.info.preprocess["fit"] == "pad"
    run = train("resnet20", recipe=short, input_size=(40, 40), out=tmp_path / "b")
    assert run.run.info.preprocess["fit"] == "resize"


def test_tensorboard_events_are_written(tmp_path: Path) -> None:
    pytest.importorskip("tensorboard")
    short = RECIPE.changed(epochs=0.02)
    train(recipe=short, out=tmp_path / "run", tensorboard=True)
    assert list((tmp_path / "run" / "tensorboard").glob("events*"))


def test_fine_tuning_a_file_with_frozen_features(
    trained_run: Run, tmp_path: Path
) -> None:
    weights = trained_run.path / "best.safetensors"
    recipe = Recipe(epochs=0.2, weights=str(weights), freeze="features")
    run = train(recipe=recipe, out=tmp_path / "run").run
    before, after = load_file(weights), load_file(run.path / "best.safetensors")
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved and all(name.startswith("head.") for name in moved)


@pytest.mark.parametrize("name", ["street-cnn", "goodfellow11"])
def test_readers_of_numbers_do_not_take_single_labels(
    name: str, tmp_path: Path
) -> None:
    with pytest.raises(NetworkError, match=f"{name} reads numbers of several digits"):
        train(name, recipe=RECIPE, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_the_general_recipe_fits_the_data_and_changes_win(tmp_path: Path) -> None:
    changes = [("environment", {"epochs": 5}), ("flags", {"epochs": "0.05"})]
    run = train("mnist-cnn", changes=changes, out=tmp_path / "run").run
    assert run.info.recipe.epochs == 0.05
    assert run.info.recipe.batch_size == 128
    with pytest.raises(RecipeError, match="flags: lr = 'fast'"):
        train(changes=[("flags", {"lr": "fast"})], out=tmp_path / "other")


def begun(recipe: Recipe, path: Path) -> tuple[Run, tuple[str, ...]]:
    events: list[Event] = []
    run = train(recipe=recipe, out=path, watch=lambda e, _: events.append(e)).run
    assert isinstance(events[0], Started)
    assert run.info.machine["notes"] == list(events[0].notes)
    return run, events[0].notes


def test_a_run_says_how_it_was_carried_out(tmp_path: Path, monkeypatch) -> None:
    native = "convatlas.training.precision.bf16_is_native"
    monkeypatch.setattr(native, lambda device: False)
    short = RECIPE.changed(epochs=0.02)
    run, notes = begun(short.changed(precision="auto"), tmp_path / "automatic")
    assert run.info.recipe.precision == "float32"
    assert run.info.machine["speed"]["execution"]["kernels"]
    assert notes == (
        "speed (as usual): 1 thread, float32, channels_last, faster kernels where they "
        "fit, memory kept",
    )
    run, notes = begun(short.changed(precision="bf16"), tmp_path / "bf16")
    assert run.info.recipe.precision == "bf16"
    assert notes[0].startswith("warning: cpu here has no bf16") and len(notes) == 2
    run, notes = begun(short.changed(fast="off", threads=1), tmp_path / "plain")
    assert notes == ("speed (as usual): 1 thread, float32",)
    ways = {c["option"]: c["source"] for c in run.info.machine["speed"]["choices"]}
    assert ways["threads"] == "asked" and ways["kernels"] == "usual"


def test_a_run_goes_on_in_the_way_it_began_but_not_on_another_machine(
    tmp_path: Path, monkeypatch
) -> None:
    def stopped(path: Path) -> Run:
        class Stop(Exception):
            pass

        def leave(event: Event, state: TrainingState) -> None:
            if isinstance(event, Started):
                raise Stop

        with pytest.raises(Stop):
            train(recipe=RECIPE.changed(epochs=0.1), out=path, watch=leave)
        return Run(path)

    def changed(run: Run, **values: object) -> None:
        machine = {**run.info.machine, **values}
        run.update(dataclasses.replace(run.info, machine=machine))

    run = stopped(tmp_path / "here")
    speed = run.info.machine["speed"]
    speed["execution"]["channels_last"] = False
    changed(run, speed=speed)
    resume(run.path)
    assert Run(run.path).info.machine["speed"] == speed
    run = stopped(tmp_path / "elsewhere")
    changed(run, speed=speed, processor="Another One")
    resume(run.path)
    found = Run(run.path).info.machine
    assert found["speed"]["execution"]["channels_last"]
    assert found["processor"] != "Another One"
