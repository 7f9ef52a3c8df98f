"""Compiling takes seconds to minutes: all but the failures are slow tests."""

import copy
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import nn

from convatlas.networks import build
from convatlas.recipe import Recipe
from convatlas.runs import Run
from convatlas.training.examples import Examples
from convatlas.training.loop import fit
from convatlas.training.records import StepRecord
from convatlas.training.speed import deciding
from convatlas.training.speed.deciding import decide
from convatlas.training.speed.execution import Execution
from convatlas.training.state import TrainingState
from convatlas.verbs.train import resume, train

from .training_task import examples, network, scaled

RECIPE = Recipe(
    epochs=2, batch_size=16, optimizer="sgd", lr=0.05, ema=0.9, weight_decay=1e-3
)


@pytest.fixture
def never_twice() -> Iterator[None]:
    """Compiling the same again is an error."""
    import torch._dynamo.config as config

    before, config.error_on_recompile = config.error_on_recompile, True
    yield
    config.error_on_recompile = before


def trained(
    network: nn.Module, recipe: Recipe, compiled: bool, data: Examples
) -> TrainingState:
    way = Execution(compiled=compiled, precision=Execution.of(recipe).precision)
    state = TrainingState.fresh(network, recipe, 3, execution=way)
    torch.manual_seed(3)
    for _ in fit(state, data, data, scaled):
        pass
    return state


def near(one: TrainingState, other: TrainingState, atol: float = 1e-5) -> None:
    assert list(one.network.state_dict()) == list(other.network.state_dict())
    for a, b in zip(
        one.network.state_dict().values(),
        other.network.state_dict().values(),
        strict=True,
    ):
        torch.testing.assert_close(a, b, rtol=1e-4, atol=atol)
    torch.testing.assert_close(one.sums, other.sums, rtol=1e-4, atol=1e-4)


@pytest.mark.slow
@pytest.mark.parametrize(
    "values",
    [
        {},
        {"accumulate": 2, "label_smoothing": 0.1, "class_weights": "balanced"},
        {"precision": "bf16"},
    ],
    ids=["plain", "accumulated", "bf16"],
)
def test_a_compiled_training_ends_as_another_one(values, never_twice) -> None:
    # 40 pictures in batches of 16: the last one of an epoch has 8
    recipe, plain = RECIPE.changed(**values), network(dropout=0)
    eager = trained(copy.deepcopy(plain), recipe, False, examples())
    compiled = trained(copy.deepcopy(plain), recipe, True, examples())
    near(compiled, eager, atol=1e-5 if recipe.precision == "float32" else 1e-3)
    assert list(compiled.average.module.state_dict()) == list(plain.state_dict())


@pytest.mark.slow
def test_dropout_of_a_compiled_training_depends_on_the_seed_and_the_step() -> None:
    class Dropped(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.drop, self.head = nn.Dropout(0.5), nn.Linear(64, 3)
            self.register_buffer("seen", torch.zeros(16, 64))

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            kept = self.drop(torch.ones_like(images.flatten(1)))
            self.seen.copy_(kept)
            return self.head(kept)

    masks = []
    for _ in range(2):
        way = Execution(compiled=True)
        state = TrainingState.fresh(Dropped(), RECIPE, 3, execution=way)
        torch.manual_seed(3)
        for record in fit(state, examples(32), None, scaled):
            if isinstance(record, StepRecord):
                masks.append(state.network.seen.clone())
    assert torch.equal(masks[0], masks[4]) and torch.equal(masks[3], masks[7])
    assert not any(torch.equal(masks[0], other) for other in masks[1:4])
    assert masks[0].mean() == pytest.approx(1, abs=0.2)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lenet5-tanh", "googlenet-mini"])
def test_networks_of_the_atlas_compile(name: str, never_twice) -> None:
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 255, (40, 1, 28, 28), generator=generator)
    data = Examples(images.to(torch.uint8), torch.arange(40) % 10, 10)
    torch.manual_seed(0)
    plain = build(name)
    states = [
        trained(copy.deepcopy(plain), RECIPE.changed(lr=0.01), compiled, data)
        for compiled in (False, True)
    ]
    near(*states)


@pytest.mark.slow
def test_frozen_features_stay_and_auxiliaries_count(never_twice) -> None:
    class Branched(nn.Module):
        auxiliary_weights = (0.3,)

        def __init__(self) -> None:
            super().__init__()
            self.features = nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4))
            self.head = nn.Sequential(nn.Flatten(), nn.Linear(144, 3))
            self.side = nn.Sequential(nn.Flatten(), nn.Linear(144, 3))

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return self.head(self.features(images))

        def logits_with_auxiliaries(self, images: torch.Tensor):
            maps = self.features(images)
            return self.head(maps), self.side(maps)

    torch.manual_seed(0)
    plain, recipe = Branched(), RECIPE.changed(freeze="features", ema=0.0)
    states = [
        trained(copy.deepcopy(plain), recipe, compiled, examples())
        for compiled in (False, True)
    ]
    near(*states)
    kept, side = states[1].network.features[0].weight, states[1].network.side[1].weight
    assert torch.equal(kept, plain.features[0].weight) and kept.grad is None
    assert not torch.equal(side, plain.side[1].weight)


@pytest.mark.slow
@pytest.mark.parametrize("compiled", [(True, False), (False, True), (True, True)])
def test_a_training_may_be_left_compiled_and_taken_up_plain(compiled) -> None:
    plain, first, second = network(dropout=0), *compiled
    whole = trained(copy.deepcopy(plain), RECIPE, False, examples())
    way = Execution(compiled=first)
    state = TrainingState.fresh(copy.deepcopy(plain), RECIPE, 3, execution=way)
    torch.manual_seed(3)
    for record in fit(state, examples(), examples(), scaled):
        if isinstance(record, StepRecord) and state.position.step == 2:
            saved = copy.deepcopy(state.state_dict())
            break
    way = Execution(compiled=second)
    state = TrainingState.fresh(copy.deepcopy(plain), RECIPE, 3, execution=way)
    state.load_state_dict(saved)
    for _ in fit(state, examples(), examples(), scaled):
        pass
    near(state, whole)


@pytest.mark.slow
def test_a_compiled_run_is_a_run_as_any_other(tmp_path: Path) -> None:
    recipe = Recipe(epochs=0.5, batch_size=64, compile="on")

    class Left(Exception):
        pass

    def leave(event: object, state: TrainingState) -> None:
        if isinstance(event, StepRecord) and event.step == 5:
            Run(path).save_checkpoint(state.state_dict())
            raise Left

    plain = train(recipe=recipe.changed(compile="off"), out=tmp_path / "plain").run
    path = tmp_path / "compiled"
    with pytest.raises(Left):
        train(recipe=recipe, out=path, watch=leave)
    assert Run(path).info.machine["speed"]["execution"]["compiled"]
    resume(path)
    ours, theirs = Run(path).history()[-1], plain.history()[-1]
    assert ours.train_loss == pytest.approx(theirs.train_loss, rel=1e-3)


@pytest.mark.parametrize("compiler", ["missing", "broken"])
@pytest.mark.slow
def test_without_a_compiler_a_training_goes_on_after_one_line(
    compiler: str, tmp_path: Path
) -> None:
    programs = tmp_path / "programs"
    programs.mkdir()
    if compiler == "broken":
        (programs / "g++").write_text("#!/bin/sh\nexit 1\n")
        (programs / "g++").chmod(0o755)
    environment = {
        **{k: v for k, v in os.environ.items() if k != "CXX"},
        "PATH": str(programs),
        "TORCHINDUCTOR_CACHE_DIR": str(tmp_path / "compiled"),
    }
    command = [sys.executable, "-m", "convatlas", "train", "--compile", "on"]
    done = subprocess.run(
        [*command, "--epochs", ".05", "--out", str(tmp_path / "run")],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    warnings = [line for line in done.stdout.splitlines() if "warning" in line]
    reason = "no C++ compiler is found" if compiler == "missing" else "No working C++"
    assert len(warnings) == 1 and "not compiled: " in warnings[0]
    assert reason in warnings[0]
    assert Run(tmp_path / "run").info.finished


@pytest.mark.slow
def test_a_compiler_that_hangs_is_left_and_a_later_one_is_not(
    tmp_path: Path, monkeypatch
) -> None:
    import torch._inductor.config as inductor

    hanging = tmp_path / "hanging"
    hanging.write_text("#!/bin/sh\nexec sleep 600\n")
    hanging.chmod(0o755)
    usual = inductor.cpp.cxx
    monkeypatch.setattr(inductor.cpp, "cxx", (str(hanging),))
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path / "compiled"))
    monkeypatch.setattr(deciding, "COMPILING", 0.0)
    monkeypatch.setattr(deciding, "MOST_COMPILING", 15.0)
    recipe, data = RECIPE.changed(channels_last="on", threads=1), examples()
    hung, before = network(), torch.get_rng_state()
    plan = decide(hung, recipe, data, scaled, steps=10**6)
    (why,) = (c.why for c in plan.choices if c.option == "compile")
    assert why == "not within 15 s" and 15 < plan.seconds < 60
    assert torch.equal(torch.get_rng_state(), before)

    monkeypatch.setattr(inductor.cpp, "cxx", usual)
    plain = network(dropout=0)
    states = [trained(copy.deepcopy(plain), RECIPE, c, data) for c in (False, True)]
    near(*states)
