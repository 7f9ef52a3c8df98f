"""A training loads no compiler; one that is loaded is left alone."""

import subprocess
import sys

import pytest

TRAINED = """
from convatlas.recipe import Recipe
from convatlas.verbs.train import train
recipe = Recipe(epochs=0.05, batch_size=32, optimizer={optimizer!r}, ema=0.9, clip=1.0)
train("mnist-cnn", "digits-5k", recipe=recipe, device="cpu", out={out!r})
import sys
print("torch._dynamo" in sys.modules)
"""
COMPILED = """
import torch
import torch._dynamo
from convatlas.training.lean_start import MARK, lean
same = lean(torch.optim.SGD) is torch.optim.SGD
print(same, hasattr(torch.optim.Optimizer.state_dict.__wrapped__, MARK))
"""
EQUAL = """
import torch
from convatlas.training.lean_start import lean

def trained(kind):
    torch.manual_seed(0)
    layer = torch.nn.Linear(8, 8)
    optimizer = kind(layer.parameters(), lr=0.01, weight_decay=0.1)
    for _ in range(5):
        optimizer.zero_grad()
        layer(torch.ones(2, 8)).square().sum().backward()
        optimizer.step()
    return layer.weight, optimizer.state_dict()["state"]

kinds = (torch.optim.SGD, torch.optim.Adam, torch.optim.AdamW)
made = [lean(kind) for kind in kinds]
assert all(issubclass(one, kind) and one is not kind for one, kind in zip(made, kinds))
ours = [trained(kind) for kind in made]  # torch's own steps bring the compiler
for (weight, state), kind in zip(ours, kinds):
    usual, usual_state = trained(kind)
    assert torch.equal(weight, usual) and state.keys() == usual_state.keys()
print("equal")
"""


def printed(program: str) -> str:
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip().splitlines()[-1]


@pytest.mark.parametrize("optimizer", ["sgd", "adamw"])
def test_a_whole_training_loads_no_compiler(optimizer: str, tmp_path) -> None:
    program = TRAINED.format(optimizer=optimizer, out=str(tmp_path / "run"))
    assert printed(program) == "False"


def test_steps_are_those_of_torch() -> None:
    assert printed(EQUAL) == "equal"


def test_where_the_compiler_is_loaded_nothing_changes() -> None:
    assert printed(COMPILED) == "True False"
