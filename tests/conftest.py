"""One thread, and a small trained run for all tests that need one."""

import os
from pathlib import Path

# Small networks gain nothing from a second thread, and on a machine with busy
# neighbours two threads wait for each other: some tests took thirty times as long.
os.environ["OMP_NUM_THREADS"] = "1"

import pytest

from convatlas.recipe import Recipe
from convatlas.runs import Run
from convatlas.verbs.train import train

QUICK = Recipe(epochs=3, batch_size=64, lr=5e-3, weight_decay=0.01)


@pytest.fixture(scope="session")
def trained_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """lenet5-tanh after three epochs on digits-5k; not to be changed by a test."""
    path: Path = tmp_path_factory.mktemp("runs") / "lenet"
    return train("lenet5-tanh", "digits-5k", recipe=QUICK, device="cpu", out=path).run
