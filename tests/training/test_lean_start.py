"""A training loads no compiler; one that is loaded is left alone."""

import sys
from pathlib import Path
from types import ModuleType

import pytest
import torch
from torch.optim import SGD, Adam, AdamW, Optimizer

from convatlas.recipe import Recipe
from convatlas.training.lean_start import MARK, lean
from convatlas.verbs.train import train
from tests.forked import forked

COMPILER = "torch._dynamo"


def whole_training(optimizer: str, folder: Path) -> None:
    recipe = Recipe(epochs=0.05, batch_size=32, optimizer=optimizer, ema=0.9, clip=1.0)
    train("mnist-cnn", "digits-5k", recipe=recipe, device="cpu", out=folder)
    assert COMPILER not in sys.modules


@pytest.mark.parametrize("optimizer", ["sgd", "muon"])
def test_a_whole_training_loads_no_compiler(optimizer: str, tmp_path: Path) -> None:
    forked(tmp_path / "said", whole_training, optimizer, tmp_path / "run").ended()


def trained(kind: type[Optimizer]) -> tuple[torch.Tensor, dict]:
    torch.manual_seed(0)
    layer = torch.nn.Linear(8, 8)
    optimizer = kind(layer.parameters(), lr=0.01, weight_decay=0.1)
    for _ in range(5):
        optimizer.zero_grad()
        layer(torch.ones(2, 8)).square().sum().backward()
        optimizer.step()
    return layer.weight, optimizer.state_dict()["state"]


def same_steps() -> None:
    kinds = (SGD, Adam, AdamW)
    made = [lean(kind) for kind in kinds]
    for one, kind in zip(made, kinds, strict=True):
        assert issubclass(one, kind) and one is not kind
    ours = [trained(kind) for kind in made]
    assert COMPILER not in sys.modules
    for (weight, state), kind in zip(ours, kinds, strict=True):
        usual, usual_state = trained(kind)
        assert torch.equal(weight, usual) and state.keys() == usual_state.keys()
    assert COMPILER in sys.modules  # torch's own steps brought it
    assert lean(SGD) is SGD


def test_steps_are_those_of_torch(tmp_path: Path) -> None:
    forked(tmp_path / "said", same_steps).ended()


def nothing_changes() -> None:
    sys.modules[COMPILER] = ModuleType(COMPILER)
    assert lean(SGD) is SGD
    assert not hasattr(Optimizer.state_dict.__wrapped__, MARK)
    del sys.modules[COMPILER]
    assert lean(SGD) is not SGD
    assert hasattr(Optimizer.state_dict.__wrapped__, MARK)


def test_where_the_compiler_is_loaded_nothing_changes(tmp_path: Path) -> None:
    forked(tmp_path / "said", nothing_changes).ended()
