"""``fast = "auto"``: what pays on this machine is found out before a training.

What is usual stays unless another way is clearly faster in a short measurement: chance
should decide as little as possible. It still can: the same seed gives the same weights
only with the same plan, which ``run.json`` keeps and the recipe's options fix. Kernels
and kept memory are taken without measuring.
"""

import os
import sys
from collections.abc import Callable
from dataclasses import replace
from shutil import which
from time import perf_counter

import torch
from torch import nn

from convatlas.recipe import Recipe
from convatlas.training.examples import Augmentation, Examples
from convatlas.training.inference import Transform
from convatlas.training.precision import bf16_is_native
from convatlas.training.speed.execution import Execution
from convatlas.training.speed.plan import Choice, Plan, Source
from convatlas.training.speed.probe import Probe

WORTH_IT = 1.15  # times as fast; below, what is usual stays
# A training of fewer steps or seconds is not measured: nothing could repay.
FEWEST_STEPS = 40
FEWEST_SECONDS = 2.0
USUAL_BUDGET = 1.5  # seconds to measure, but
MOST_SHARE = 0.1  # never more of the training than this,
FREE_SHARE = 0.03  # and always as much as this
NO_COMPILER = "no C++ compiler is found (g++, or what CXX names)"
COMPILING = 40.0  # seconds; measured: 10 to 40 on two cores

OPTIONS = (
    *("threads", "precision", "channels_last", "kernels"),
    *("compile", "keep_memory", "tf32"),
)


def decide(
    network: nn.Module,
    recipe: Recipe,
    train: Examples,
    transform: Transform,
    augmentation: Augmentation | None = None,
    *,
    steps: int,
    alone: bool = True,
) -> Plan:
    """How to carry out a training of this network on this machine.

    Neither the network nor torch's random state is changed.

    Args:
        network: on the device it will be trained on.
        recipe: an option that it does not leave open stays as it is.
        train: some of its pictures are stepped on.
        transform: for ``train_step``.
        augmentation: for ``train_step``.
        steps: that are to be made.
        alone: whether this is the only process of the training; others are not
            measured, since all must choose the same.
    """
    started = perf_counter()
    device = next(network.parameters()).device
    probe = Probe(network, recipe, train, transform, augmentation)
    deciding = _Deciding(recipe, device, probe, alone)
    if recipe.compile == "on":
        deciding.check_compiling()
    if recipe.fast == "auto" and alone and steps >= FEWEST_STEPS:
        deciding.measure(steps)
    return deciding.plan(perf_counter() - started)


class _Deciding:
    """Goes from what is usual to what pays, option by option."""

    def __init__(
        self, recipe: Recipe, device: torch.device, probe: Probe, alone: bool
    ) -> None:
        self._recipe = recipe
        self._device = device
        self._probe = probe
        self._alone = alone
        self._execution = usual(recipe, device)
        self._choices: dict[str, Choice] = {}
        self._step_seconds: float | None = None
        if recipe.precision == "bf16" and not bf16_is_native(device):
            self._note(
                "precision",
                "asked",
                f"{device.type} here has no bf16 arithmetic: it is emulated, several "
                "times slower than float32; --precision auto takes the faster one",
            )

    def check_compiling(self) -> None:
        """Compiles a copy; goes on without where that fails."""
        if not self._alone:
            self._without_compiler("several processes share a step")
            return
        if not has_compiler(self._device):
            self._without_compiler(NO_COMPILER)
            return
        try:
            self._probe.seconds(self._execution)
        except Exception as error:
            # a network that cannot make a step at all fails here again, in its words
            self._probe.seconds(replace(self._execution, compiled=False))
            self._without_compiler(reason_of(error))

    def measure(self, steps: int) -> None:
        """Tries the other way of every option that is open, as long as it may pay."""
        trials = self._trials()
        if not trials:
            return
        self._probe.seconds(self._execution)  # the first one is slower
        each = self._step_seconds = self._probe.seconds(self._execution)
        seconds = each * steps
        if seconds < FEWEST_SECONDS:
            return
        budget = max(min(USUAL_BUDGET, MOST_SHARE * seconds), FREE_SHARE * seconds)
        deadline = perf_counter() + budget
        for index, trial in enumerate(trials):
            now = perf_counter()
            trial(now + (deadline - now) / (len(trials) - index))

    def plan(self, seconds: float) -> Plan:
        """What came out."""
        choices = tuple(
            self._choices.get(option)
            or Choice(option, self._value(option), self._source(option))
            for option in OPTIONS
        )
        return Plan(self._execution, choices, self._step_seconds, seconds)

    def _trials(self) -> list[Callable[[float], None]]:
        recipe, on_cpu = self._recipe, self._device.type == "cpu"
        trials: list[Callable[[float], None]] = []
        if recipe.threads == "auto" and on_cpu and torch.get_num_threads() > 1:
            trials.append(self._try_threads)
        if recipe.precision == "auto":
            if bf16_is_native(self._device):
                trials.append(self._try_bf16)
            else:
                self._note("precision", "usual", "no bf16 arithmetic here")
        if recipe.channels_last == "auto":
            trials.append(self._try_other_layout)
        if recipe.compile == "auto" and has_compiler(self._device):
            trials.append(self._try_compiling)
        return trials

    def _try_threads(self, deadline: float) -> None:
        now = torch.get_num_threads()
        while now > 1:
            fewer = replace(self._execution, threads=now // 2)
            gain = self._gain(fewer, deadline)
            if gain is None:
                return
            words = f"{now // 2} is {gain:.2f} times as fast as {now}"
            self._decided("threads", fewer, gain, words)
            if gain < WORTH_IT:
                return
            now //= 2

    def _try_bf16(self, deadline: float) -> None:
        self._try("precision", replace(self._execution, precision="bf16"), deadline)

    def _try_other_layout(self, deadline: float) -> None:
        other = not self._execution.channels_last
        self._try(
            "channels_last", replace(self._execution, channels_last=other), deadline
        )

    def _try_compiling(self, deadline: float) -> None:
        if deadline - perf_counter() < COMPILING:
            return
        compiled = replace(self._execution, compiled=True)
        try:
            self._probe.seconds(compiled)
        except Exception as error:
            self._note("compile", "usual", f"cannot: {reason_of(error)}")
            return
        self._try("compile", compiled, max(deadline, perf_counter() + COMPILING))

    def _try(self, option: str, other: Execution, deadline: float) -> None:
        gain = self._gain(other, deadline)
        if gain is not None:
            named = {"precision": "bf16", "compile": "compiled"}.get(option)
            named = named or f"{option} {_on(other.channels_last)}"
            self._decided(option, other, gain, f"{named} is {gain:.2f} times as fast")

    def _gain(self, other: Execution, deadline: float) -> float | None:
        left = deadline - perf_counter()
        gain = self._probe.gain(self._execution, other, left)
        return None if gain is None else gain.sure

    def _decided(self, option: str, other: Execution, gain: float, why: str) -> None:
        if gain >= WORTH_IT:
            self._execution = other
        value = self._value(option)
        self._choices[option] = Choice(option, value, "measured", why, round(gain, 3))

    def _without_compiler(self, reason: str) -> None:
        self._execution = replace(self._execution, compiled=False)
        self._note("compile", "failed", f"not compiled: {reason}")

    def _note(self, option: str, source: Source, why: str) -> None:
        self._choices[option] = Choice(option, self._value(option), source, why)

    def _source(self, option: str) -> Source:
        return "usual" if getattr(self._recipe, option) == "auto" else "asked"

    def _value(self, option: str) -> str:
        way = self._execution
        values = {
            "threads": str(way.threads or torch.get_num_threads()),
            "precision": way.precision,
            "channels_last": _on(way.channels_last),
            "kernels": _on(way.kernels and way.precision == "float32"),
            "compile": _on(way.compiled),
            "keep_memory": _on(way.keep_memory),
            "tf32": way.tf32,
        }
        return values[option]


def usual(recipe: Recipe, device: torch.device) -> Execution:
    """What a recipe says; what it leaves open, as it is best without measuring."""
    way = Execution.of(recipe)
    fast, on_cpu = recipe.fast == "auto", device.type == "cpu"
    if recipe.channels_last == "auto":
        way = replace(way, channels_last=fast and device.type != "mps")
    if recipe.kernels == "auto":
        way = replace(way, kernels=fast and on_cpu)
    if recipe.keep_memory == "auto":
        way = replace(way, keep_memory=fast and on_cpu)
    return way


def has_compiler(device: torch.device) -> bool:
    """Whether the program is found that torch's compiler calls for a processor.

    Without it, torch fails at the first compiled call, after some seconds.
    """
    usual = "clang++" if sys.platform == "darwin" else "g++"
    return device.type != "cpu" or which(os.environ.get("CXX", usual)) is not None


def reason_of(error: Exception) -> str:
    """Why compiling failed, in a line."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0] if lines else type(error).__name__


def _on(value: bool) -> str:
    return "on" if value else "off"
