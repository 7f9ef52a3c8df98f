"""Two real processes, with the environment that torchrun gives them, against one."""

import os
import signal
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.distributed import TCPStore

from convatlas.preparation import prepare
from convatlas.recipe import Recipe
from convatlas.runs import Run
from convatlas.training.distributed import Processes
from convatlas.training.joining import joined
from convatlas.training.loop import fit
from convatlas.training.state import TrainingState
from convatlas.verbs.train import Trained, resume, train
from tests.forked import forked

# 4,000 pictures: 26 batches of 150 and one of 100; or 30 of 131 and one of 70, where
# shares are 66 and 65
PLAIN = Recipe(epochs=2, batch_size=150, optimizer="sgd", lr=0.05, schedule="constant")
TRAININGS = {
    "sgd": ("lenet5-tanh", PLAIN.changed(ema=0.9)),
    "adamw": (
        "lenet5-tanh",
        Recipe(epochs=1, batch_size=131, shift=0.1, rotation=8, erasing=0.3),
    ),
    "all at once": (
        "lenet5-tanh",
        PLAIN.changed(
            epochs=1,
            accumulate=3,
            class_weights="balanced",
            label_smoothing=0.1,
            l1=1e-4,
            clip=1.0,
        ),
    ),
}
STOP_AFTER = 17  # steps
WITHIN = 1e-5


def trained(name: str, folder: Path) -> Trained:
    network, recipe = TRAININGS[name]
    return train(network, recipe=recipe, device="cpu", out=folder / name)


def with_batch_norm() -> dict[str, Tensor]:
    """Weights and buffers of twenty layers with synchronised norms.

    In float64, since in float32 rounding alone (the same batch in another order) moves
    them by more than a wrong sum would.
    """
    recipe = PLAIN.changed(epochs=0.01, batch_size=15, sync_batch_norm=True)
    prepared = prepare("resnet20", "digits-5k", recipe=recipe, device="cpu")
    network, transform = prepared.network.double(), prepared.transform
    with joined("cpu") as group:
        state = TrainingState.fresh(network, recipe, 0, group)
        for _ in fit(state, prepared.train, None, lambda x: transform(x).double()):
            pass
    return state.network.state_dict()


def one_of_two(folder: Path) -> None:
    for name in TRAININGS:
        trained(name, folder)
    torch.save(with_batch_norm(), folder / f"batch norm {os.environ['RANK']}")
    resume(folder / "stopped alone", device="cpu")
    if os.environ["RANK"] == "1":  # the signal comes to the one that does not lead
        Processes.reseed = stopping_itself  # called before every step
    stopped = train(recipe=PLAIN, device="cpu", out=folder / "stopped together")
    assert stopped.stopped_by is signal.SIGTERM


def stopping_itself(group: Processes, seed: int, epoch: int, step: int) -> None:
    if step == STOP_AFTER - 1:
        os.kill(os.getpid(), signal.SIGTERM)


def stopped_alone(path: Path) -> None:
    steps = iter(range(STOP_AFTER + 1))

    def watch(event: object, state: object) -> None:
        if next(steps) == STOP_AFTER:
            os.kill(os.getpid(), signal.SIGTERM)

    train(recipe=PLAIN, device="cpu", out=path, watch=watch)


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the trainings of two processes."""
    folder: Path = tmp_path_factory.mktemp("together")
    stopped_alone(folder / "stopped alone")
    store = TCPStore("127.0.0.1", 0, is_master=True, wait_for_workers=False)
    environment = {
        "WORLD_SIZE": "2",
        "LOCAL_WORLD_SIZE": "2",
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(store.port),
        "TORCHELASTIC_USE_AGENT_STORE": "True",  # torchrun keeps the store
    }
    started = []
    for rank in ("0", "1"):
        own = {**environment, "RANK": rank, "LOCAL_RANK": rank}
        said = folder / f"said by {rank}"
        started.append(forked(said, one_of_two, folder, environment=own))
    for process in started:
        process.ended(within=600)
    return folder


def tensors(run: Run) -> dict[str, Tensor]:
    """Weights, moving averages and buffers, by name."""
    saved = run.load_checkpoint()
    average = saved["average"] or {}
    return {
        **saved["network"],
        **{f"average {name}": value for name, value in average.items()},
    }


def assert_equal(one: Run, other: Run) -> None:
    a, b = tensors(one), tensors(other)
    assert a.keys() == b.keys()
    for name, value in a.items():
        torch.testing.assert_close(b[name], value, rtol=0, atol=WITHIN, msg=name)
    for ours, theirs in zip(one.history(), other.history(), strict=True):
        assert ours.train_loss == pytest.approx(theirs.train_loss, abs=WITHIN)
        assert ours.train_accuracy == pytest.approx(theirs.train_accuracy, abs=3e-4)
        assert ours.validation_loss == pytest.approx(theirs.validation_loss, abs=WITHIN)
        assert ours.validation_accuracy == theirs.validation_accuracy
        assert (ours.epoch, ours.lr, ours.best) == (
            theirs.epoch,
            theirs.lr,
            theirs.best,
        )


@pytest.mark.parametrize("name", list(TRAININGS))
def test_two_processes_equal_one(name: str, together: Path, tmp_path: Path) -> None:
    run = Run(together / name)
    assert run.info.finished
    assert_equal(trained(name, tmp_path).run, run)
    note = run.info.machine["notes"][0]
    assert note.startswith("2 processes with 1 thread(s) each, over gloo")


def test_batch_norms_see_the_whole_batch(together: Path) -> None:
    alone = with_batch_norm()
    first, second = (torch.load(together / f"batch norm {rank}") for rank in (0, 1))
    for name, value in alone.items():
        assert torch.equal(first[name], second[name])
        torch.testing.assert_close(first[name], value, rtol=0, atol=1e-9, msg=name)


def test_one_goes_on_where_two_stopped_and_two_where_one_did(
    together: Path, tmp_path: Path
) -> None:
    whole = train(recipe=PLAIN, device="cpu", out=tmp_path / "whole").run
    assert_equal(whole, Run(together / "stopped alone"))
    stopped = Run(together / "stopped together")
    assert not stopped.info.finished
    position = stopped.load_checkpoint()["position"]
    assert (position["epoch"], position["step"]) == (0, STOP_AFTER)
    assert_equal(whole, resume(stopped.path, device="cpu").run)
