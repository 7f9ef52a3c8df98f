"""The same training on every kind of device at hand; a processor always is."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from convatlas.errors import UsageError
from convatlas.recipe import Recipe
from convatlas.runs import Run
from convatlas.verbs.evaluate import evaluate
from convatlas.verbs.train import Event, resume, train

# steps that follow the gradient itself differ by rounding alone between devices
RECIPE = Recipe(
    epochs=2,
    batch_size=64,
    optimizer="sgd",
    lr=0.1,
    momentum=0.9,
    schedule="constant",
    ema=0.9,
    tf32="off",
)
FOUND = {
    "cpu": True,
    "cuda": torch.cuda.is_available(),
    "mps": torch.backends.mps.is_available(),
}
DEVICES = [
    pytest.param(
        name, marks=pytest.mark.skipif(not here, reason=f"no {name} device here")
    )
    for name, here in FOUND.items()
]


def weights(run: Run) -> list[torch.Tensor]:
    return [v.cpu() for v in load_file(run.path / "best.safetensors").values()]


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Run:
    path = tmp_path_factory.mktemp("devices") / "plain"
    recipe = RECIPE.changed(fast="off")
    return train("lenet5-tanh", recipe=recipe, device="cpu", out=path).run


@pytest.mark.parametrize("where", ["device", "host"])
@pytest.mark.parametrize("name", DEVICES)
def test_two_epochs_end_as_on_the_processor(
    name: str, where: str, plain: Run, undrawn: None, tmp_path: Path
) -> None:
    recipe = RECIPE.changed(data_on=where)
    run = train("lenet5-tanh", recipe=recipe, device=name, out=tmp_path / "run").run
    for ours, theirs in zip(weights(run), weights(plain), strict=True):
        torch.testing.assert_close(ours, theirs, rtol=1e-3, atol=2e-4)
    for ours, theirs in zip(run.history(), plain.history(), strict=True):
        assert ours.validation_loss == pytest.approx(theirs.validation_loss, abs=1e-3)
    assert evaluate(run, device=name).evaluation.accuracy > 0.5


@pytest.mark.parametrize("name", DEVICES)
def test_augmented_pictures_are_sent_and_changed_there_and_runs_go_on(
    name: str, tmp_path: Path
) -> None:
    recipe = RECIPE.changed(rotation=8, shift=0.1, epochs=0.2, class_weights="balanced")
    results = []
    for where in ("device", "host"):
        values = recipe.changed(data_on=where)
        run = train(recipe=values, device=name, out=tmp_path / where).run
        results.append(weights(run))
    for one, other in zip(*results, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)

    class Left(Exception):
        pass

    def leave(event: Event, state: object) -> None:
        if getattr(event, "steps_done", None) == 0:
            raise Left

    with pytest.raises(Left):
        train(recipe=values, device=name, out=tmp_path / "left", watch=leave)
    resumed = resume(tmp_path / "left", device=name).run
    for one, other in zip(weights(resumed), results[1], strict=True):
        torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("name", DEVICES)
def test_half_precision_learns_the_same(name: str, tmp_path: Path) -> None:
    run = train(
        recipe=RECIPE.changed(precision="bf16"), device=name, out=tmp_path / "run"
    ).run
    losses = [record.train_loss for record in run.history()]
    assert losses[1] < losses[0]
    assert run.best_epoch().validation_accuracy > 0.5


@pytest.mark.skipif(FOUND["cuda"], reason="there is a CUDA device here")
def test_a_device_that_is_not_there_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="device 'cuda' cannot be used here"):
        train(recipe=RECIPE, device="cuda", out=tmp_path / "run")
    assert not (tmp_path / "run").exists()
