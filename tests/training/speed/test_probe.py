from time import sleep

import pytest
import torch
from torch import nn

from convatlas.recipe import Recipe
from convatlas.training.examples import Examples
from convatlas.training.precision import bf16_is_native
from convatlas.training.speed import probe as module
from convatlas.training.speed.execution import Execution
from convatlas.training.speed.probe import CLEAR, FEWEST, MOST, Gain, Probe, _clear

from .training_task import examples, network, scaled

PLAIN = Execution(channels_last=False)
FAST = Execution(channels_last=True, kernels=True)


def test_measuring_changes_nothing() -> None:
    trained = network()
    before = {name: value.clone() for name, value in trained.state_dict().items()}
    random, threads = torch.get_rng_state(), torch.get_num_threads()
    probe = Probe(trained, Recipe(batch_size=8, ema=0.9), examples(), scaled)
    gain = probe.gain(PLAIN, FAST, budget=30)
    assert gain is not None and gain.of_medians > 0 and gain.of_fastest > 0
    assert probe.seconds(Execution(threads=2)) > 0
    assert torch.equal(torch.get_rng_state(), random)
    assert torch.get_num_threads() == threads
    for name, value in trained.state_dict().items():
        assert torch.equal(value, before[name])
    assert all(parameter.grad is None for parameter in trained.parameters())


class Scripted(Probe):
    """Every step takes what is written down."""

    def __init__(self, plain: float, fast: float) -> None:
        self.each, self.steps = {PLAIN: plain, FAST: fast}, 0

    def seconds(self, execution: Execution) -> float:
        self.steps += 1
        return self.each[execution]


def test_a_clear_difference_needs_no_more_than_three_rounds() -> None:
    for plain, fast, gain in ((4e-3, 2e-3, 2), (2e-3, 4e-3, 0.5)):
        probe = Scripted(plain, fast)
        assert probe.gain(PLAIN, FAST, budget=30) == Gain(gain, gain)
        assert probe.steps == 2 + 2 * FEWEST
    probe = Scripted(2e-3, 2e-3)
    assert probe.gain(PLAIN, FAST, budget=30) == Gain(1, 1)
    assert probe.steps == 2 + 2 * MOST


def test_what_cannot_be_paid_is_not_measured() -> None:
    assert Scripted(0.4, 0.4).gain(PLAIN, FAST, budget=2.3) is None
    assert Scripted(1.0, 100.0).gain(PLAIN, FAST, budget=150) is None


class Real(Scripted):
    """Steps that do take the time."""

    def seconds(self, execution: Execution) -> float:
        sleep(self.each[execution])
        return super().seconds(execution)


def test_one_long_round_is_enough_if_it_is_clear(monkeypatch) -> None:
    monkeypatch.setattr(module, "LONG", 0.2)
    probe = Real(0.16, 0.06)
    assert probe.gain(PLAIN, FAST, budget=0.5) == Gain(0.16 / 0.06, 0.16 / 0.06)
    assert probe.steps == 4
    assert Real(0.11, 0.1).gain(PLAIN, FAST, budget=0.5) is None


def test_a_gain_is_sure_where_medians_and_fastest_steps_agree() -> None:
    assert Gain(1.5, 1.2).sure == 1.2
    assert Gain(1.5, 0.9).sure == 1.0
    assert Gain(0.5, 0.8).sure == 0.8
    assert _clear([(CLEAR * 1.01, 1.0)] * FEWEST)
    assert not _clear([(CLEAR * 1.01, 1.0)] * (FEWEST - 1))
    assert not _clear([(CLEAR * 1.01, 1.0), (1.0, CLEAR * 1.01), (2.0, 1.0)])


@pytest.mark.slow
def test_convolutions_gain_where_bf16_is_native() -> None:
    if not bf16_is_native(torch.device("cpu")):
        pytest.skip("this processor has no bf16 arithmetic")
    wide = nn.Sequential(
        nn.Conv2d(64, 64, 3), nn.ReLU(), nn.Conv2d(64, 64, 3), nn.Flatten()
    )
    images = torch.randint(0, 255, (64, 64, 20, 20), dtype=torch.uint8)
    many = Examples(images, torch.arange(64), 64 * 16 * 16)
    probe = Probe(wide, Recipe(batch_size=64), many, scaled)
    gain = probe.gain(Execution(), Execution(precision="bf16"), budget=60)
    assert gain is not None and gain.of_fastest > 1.15
