import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from time import sleep
from typing import Any

import pytest
import torch
from torch import nn

from convatlas.recipe import Recipe
from convatlas.training import precision
from convatlas.training.speed import deciding
from convatlas.training.speed import usual as usual_ways
from convatlas.training.speed.deciding import COMPILING, decide
from convatlas.training.speed.decisions import WORTH_IT
from convatlas.training.speed.execution import Execution
from convatlas.training.speed.plan import Choice, Plan
from convatlas.training.speed.probe import Gain
from convatlas.training.speed.usual import usual

from .training_task import examples, network, scaled

OPEN = Recipe(precision="auto")
FLOAT32 = Recipe()


class Machine:
    """Stands for the probe: a step takes what the machine below says."""

    step = 0.01
    slower: dict[str, float] = {}  # by what is not usual, e.g. "bf16": 1.9
    native = True
    fails: Exception | None = None

    def __init__(self, *_: Any) -> None:
        self.asked: list[Execution] = []
        type(self).last = self

    def seconds(self, way: Execution) -> float:
        self.asked.append(way)
        if way.compiled and self.fails is not None:
            raise self.fails
        return self.step

    def gain(self, usual: Execution, other: Execution, budget: float) -> Gain | None:
        self.asked.append(other)
        if budget < 6 * self.step:
            return None
        if other.threads != usual.threads:
            name = f"{other.threads}"
        elif other.precision != usual.precision:
            name = "bf16"
        elif other.winograd != usual.winograd:
            name = "winograd on" if other.winograd else "winograd off"
        else:
            name = "compiled" if other.compiled else "layout"
        gain = self.slower.get(name, 1.0)
        return Gain(gain, gain)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> type[Machine]:
    monkeypatch.setenv("CXX", "no-such-compiler")  # machines differ in this, too

    class Here(Machine):
        slower = dict[str, float]()

    monkeypatch.setattr(deciding, "Probe", Here)
    monkeypatch.setattr(precision, "bf16_is_native", lambda device: Here.native)
    monkeypatch.setattr(deciding, "has_compiler", lambda device: True)
    monkeypatch.setattr(torch, "get_num_threads", lambda: 4)
    return Here


def planned(recipe: Recipe = OPEN, steps: int = 1000, alone: bool = True) -> Plan:
    return decide(network(), recipe, examples(), scaled, steps=steps, alone=alone)


def chosen(plan: Plan, option: str) -> Choice:
    return next(c for c in plan.choices if c.option == option)


def test_bf16_which_may_gain_most_has_its_turn_first(machine) -> None:
    """A step of .12 s and a training of 20 s: .4 epochs of a ResNet-18 at 32 pixels."""
    machine.step, machine.slower = 0.12, {"bf16": 1.4}
    plan = planned(steps=172)
    assert plan.execution.precision == "bf16"
    assert [way.precision for way in machine.last.asked[2:4]] == ["bf16", "bf16"]
    assert machine.last.asked[3].threads is not None


def test_what_is_usual_stays_unless_another_way_is_clearly_faster(machine) -> None:
    machine.slower = {"2": 1.1, "bf16": 1.14, "layout": 0.7}
    plan = planned()
    way = usual(OPEN, torch.device("cpu"))
    assert plan.execution == replace(way, winograd=False)  # nothing to use it for
    assert plan.execution.kernels and plan.execution.channels_last
    assert chosen(plan, "threads").why == "2 is 1.10 times as fast as 4"
    assert chosen(plan, "precision").gain == 1.14
    machine.slower = {"2": 1.5, "1": 1.2, "bf16": 1.9, "layout": 1.2}
    plan = planned()
    way = plan.execution
    assert (way.threads, way.precision, way.channels_last) == (1, "bf16", False)
    assert plan.line().startswith(
        "speed (measured in 0.0 s): 1 thread, bf16, faster kernels where they fit, mem"
    )
    assert "bf16 is 1.90 times as fast" in plan.line()
    assert chosen(plan, "kernels").value == "on"


def test_bf16_without_the_arithmetic_is_never_tried(machine, monkeypatch) -> None:
    monkeypatch.setattr(machine, "native", False)
    machine.slower = {"bf16": 9.0}
    plan = planned()
    assert plan.execution.precision == "float32"
    assert all(way.precision == "float32" for way in machine.last.asked)
    assert chosen(plan, "precision").why == "no bf16 arithmetic here"
    assert planned(Recipe(precision="bf16")).warnings[0].startswith("cpu here has no")


def test_what_is_asked_for_is_not_measured(machine) -> None:
    asked = Recipe(threads=1, channels_last="off", compile="off", precision="bf16")
    plan = planned(asked, steps=10**6)
    assert machine.last.asked == []
    assert (plan.execution.threads, plan.execution.precision) == (1, "bf16")
    assert not plan.execution.channels_last and not plan.warnings
    assert {c.source for c in plan.choices} == {"asked", "usual"}


def test_off_is_plain_but_for_what_is_asked(machine) -> None:
    machine.slower = {"2": 9.0, "bf16": 9.0}
    plan = planned(OPEN.changed(fast="off", kernels="on"))
    assert plan.execution == Execution(channels_last=False, kernels=True)
    assert machine.last.asked == []


@pytest.mark.parametrize(
    ("step", "steps"), [(0.01, 39), (0.001, 1500)], ids=["few steps", "few seconds"]
)
def test_a_short_training_pays_next_to_nothing(machine, step: float, steps: int):
    machine.step, machine.slower = step, {"2": 9.0}
    plan = planned(steps=steps)
    assert len(machine.last.asked) <= 2 and plan.execution.threads is None


def test_others_of_the_same_training_are_not_measured(machine) -> None:
    machine.slower = {"2": 9.0}
    plan = planned(Recipe(compile="on"), steps=10**6, alone=False)
    assert machine.last.asked == []
    assert plan.warnings == ("not compiled: several processes share a step",)


def test_compiling_is_tried_only_where_it_can_repay(machine) -> None:
    machine.slower = {"compiled": 1.3}
    machine.step = 0.1
    steps = round(COMPILING / 0.03 / machine.step)  # whose share is the price
    assert not planned(steps=steps // 2).execution.compiled
    plan = planned(steps=2 * steps)
    assert plan.execution.compiled
    assert chosen(plan, "compile").why == "compiled is 1.30 times as fast"
    machine.slower = {"compiled": 1.05}
    assert not planned(steps=2 * steps).execution.compiled


def test_a_compiler_that_fails_is_told_in_one_line(machine) -> None:
    machine.fails = RuntimeError("\nC++ compile error\n\nCommand: g++ ...")
    plan = planned(Recipe(compile="on"), steps=10)
    assert not plan.execution.compiled
    assert plan.warnings == ("not compiled: C++ compile error",)
    plan = planned(steps=10**6)
    assert not plan.execution.compiled and not plan.warnings
    assert chosen(plan, "compile").why == "cannot: C++ compile error"


def test_a_compiler_that_takes_too_long_is_left(machine, monkeypatch) -> None:
    quick = machine.seconds

    def seconds(self: Machine, way: Execution) -> float:
        if way.compiled:
            sleep(60)
        return quick(self, way)

    monkeypatch.setattr(machine, "seconds", seconds)
    monkeypatch.setattr(deciding, "MOST_COMPILING", 0.1)
    plan = planned(steps=10**6)
    assert not plan.execution.compiled and plan.seconds < 20
    assert chosen(plan, "compile").why == "not within 0.1 s"
    # nobody can interrupt another thread: there it is not begun
    with ThreadPoolExecutor() as pool:
        plan = pool.submit(planned, steps=10**6).result(timeout=20)
    assert not chosen(plan, "compile").why


def test_more_threads_than_cores_are_warned_of(machine) -> None:
    cores = os.cpu_count()
    (warning,) = planned(Recipe(threads=1000)).warnings
    assert warning.startswith(f"1000 threads wait for each other on {cores} core")
    assert planned(Recipe(threads=cores)).warnings == ()


def test_a_network_that_cannot_step_says_so_itself(machine, monkeypatch) -> None:
    def fails(self: Machine, way: Execution) -> float:
        raise RuntimeError("compiled" if way.compiled else "out of memory")

    monkeypatch.setattr(machine, "seconds", fails)
    with pytest.raises(RuntimeError, match="out of memory"):
        planned(Recipe(compile="on"))


def wide(recipe: Recipe = FLOAT32) -> Plan:
    """Of a network with convolutions of many channels."""
    many = nn.Sequential(nn.Conv2d(1, 128, 3), nn.Conv2d(128, 128, 3))
    return decide(many, recipe, examples(), scaled, steps=1000)


@pytest.mark.parametrize("intel", [True, False])
def test_winograd_where_it_pays(machine, monkeypatch, intel: bool) -> None:
    monkeypatch.setattr(usual_ways, "by_intel", lambda: intel)
    assert wide().execution.winograd == intel
    machine.slower = {"winograd on": 1.3, "winograd off": 1.3}
    plan = wide()
    assert plan.execution.winograd != intel
    other = "off" if intel else "on"
    assert chosen(plan, "winograd").why == f"Winograd {other} is 1.30 times as fast"
    for word in ("on", "off"):
        assert wide(Recipe(winograd=word)).execution.winograd == (word == "on")
    plan = wide(Recipe(winograd="on", precision="bf16"))
    assert not plan.execution.winograd
    assert plan.warnings[-1].startswith("Winograd is not used: it is for float32")
    assert planned(Recipe(winograd="on")).warnings == (
        "Winograd is not used: no convolution here has channels enough",
    )
    machine.slower = {"bf16": 2.0}  # has no use for it
    assert not wide(OPEN).execution.winograd
    assert not chosen(wide(OPEN), "winograd").why


def test_a_plan_comes_back_from_json(machine) -> None:
    machine.slower = {"bf16": 1.9}
    plan = planned()
    assert Plan.from_json(plan.to_json()) == plan
    assert Execution.from_json({"threads": 2, "later": 1}) == Execution(threads=2)


def test_on_other_devices_a_processors_tricks_are_left_out() -> None:
    gpu = usual(OPEN, torch.device("cuda"))
    assert gpu.channels_last and not gpu.kernels and not gpu.keep_memory
    assert not usual(OPEN, torch.device("mps")).channels_last
    assert usual(Recipe(tf32="on"), torch.device("cuda")).tf32 == "on"


def test_a_real_probe_decides_within_its_budget(monkeypatch) -> None:
    monkeypatch.setattr(deciding, "FEWEST_SECONDS", 0.0)
    plan = planned(Recipe(batch_size=8, compile="off"), steps=20_000)
    assert plan.step_seconds is not None and plan.seconds < 20
    layout = chosen(plan, "channels_last")
    assert layout.source == "measured" and layout.gain is not None
    assert plan.execution.channels_last == (layout.gain < WORTH_IT)
