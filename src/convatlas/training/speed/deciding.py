"""``fast = "auto"``: what pays on this machine is found out before a training.

What is usual stays unless another way is clearly faster in a short measurement: chance
should decide as little as possible. It still can: the same seed gives the same weights
only with the same plan, which ``run.json`` keeps and the recipe's options fix. Kernels
and kept memory are taken without measuring.
"""

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

import torch
from torch import nn

from convatlas.recipe import Recipe
from convatlas.training import precision
from convatlas.training.examples import Augmentation, Examples
from convatlas.training.inference import Transform
from convatlas.training.speed.compiler import (
    OutOfTime,
    can_be_limited,
    has_compiler,
    reason_of,
    time_limit,
)
from convatlas.training.speed.decisions import Decisions, on_or_off
from convatlas.training.speed.execution import Execution
from convatlas.training.speed.native.max_pooling import why_not
from convatlas.training.speed.plan import Plan
from convatlas.training.speed.probe import Probe
from convatlas.training.speed.winograd import may_fit

# A training of fewer steps or seconds is not measured: nothing could repay.
FEWEST_STEPS = 40
FEWEST_SECONDS = 2.0
USUAL_BUDGET = 3.0  # seconds to measure, but
MOST_SHARE = 0.1  # never more of the training than this,
FREE_SHARE = 0.03  # and always as much as this
NO_COMPILER = "no C++ compiler is found (g++, or what CXX names)"
COMPILING = 40.0  # seconds; measured: 10 to 40 on two cores
MOST_COMPILING = 90.0  # seconds; then a busy machine has to do without


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
    decisions = Decisions(recipe, device)
    probe = Probe(network, recipe, train, transform, augmentation)
    if decisions.execution.native:
        _check_native(decisions, network, recipe)
    if recipe.compile == "on":
        _check_compiling(decisions, probe, device, alone)
    step_seconds, fits = None, may_fit(network)
    if recipe.fast == "auto" and alone and steps >= FEWEST_STEPS:
        trials = _Trials(decisions, probe, recipe, device, fits)
        step_seconds = trials.make(steps)
    if not fits:
        decisions.without_winograd("no convolution here has channels enough")
    elif not (device.type == "cpu" and _takes_winograd(decisions.execution)):
        why = "it is for float32 with channels_last on a processor, not compiled"
        decisions.without_winograd(why)
    return decisions.plan(step_seconds, perf_counter() - started)


def _check_native(decisions: Decisions, network: nn.Module, recipe: Recipe) -> None:
    """Compiles what the network needs; goes on with torch's where that fails."""
    device = next(network.parameters()).device
    if device.type != "cpu":
        decisions.without_native("it is for a processor")
        return
    dtypes = [torch.float32]
    if recipe.precision != "float32" and precision.bf16_is_native(device):
        dtypes.append(torch.bfloat16)  # compiled before a step in it is timed
    why = why_not(network, dtypes)
    if why is not None:
        decisions.without_native(why)


def _takes_winograd(way: Execution) -> bool:
    return way.precision == "float32" and way.channels_last and not way.compiled


def _check_compiling(
    decisions: Decisions, probe: Probe, device: torch.device, alone: bool
) -> None:
    """Compiles a copy, however long it takes; goes on without where that fails."""
    if not alone:
        decisions.not_compiled("several processes share a step")
        return
    if not has_compiler(device):
        decisions.not_compiled(NO_COMPILER)
        return
    try:
        probe.seconds(decisions.execution)
    except Exception as error:
        # a network that cannot make a step at all fails here again, in its words
        probe.seconds(replace(decisions.execution, compiled=False))
        decisions.not_compiled(reason_of(error))


class _Trials:
    """Goes from what is usual to what pays, option by option.

    Args:
        decisions: to be made.
        probe: measures.
        recipe: what it does not leave open is not tried.
        device: that the network is trained on.
        winograd: whether the network has convolutions for it.
    """

    def __init__(
        self,
        decisions: Decisions,
        probe: Probe,
        recipe: Recipe,
        device: torch.device,
        winograd: bool,
    ) -> None:
        self._decisions = decisions
        self._probe = probe
        self._recipe = recipe
        self._device = device
        self._winograd_fits = winograd

    def make(self, steps: int) -> float | None:
        """Tries the other way of every option that is open, as long as it may pay.

        Returns:
            Seconds of a step before; None where nothing is open.
        """
        trials = self._open()
        if not trials:
            return None
        self._probe.seconds(self._way)  # the first one is slower
        each = self._probe.seconds(self._way)
        seconds = each * steps
        if seconds < FEWEST_SECONDS:
            return each
        budget = max(min(USUAL_BUDGET, MOST_SHARE * seconds), FREE_SHARE * seconds)
        deadline = perf_counter() + budget
        for index, trial in enumerate(trials):
            now = perf_counter()
            # what may gain most comes first and gets most: half of what is left
            trial(now + (deadline - now) / min(len(trials) - index, 2))
        return each

    @property
    def _way(self) -> Execution:
        return self._decisions.execution

    def _open(self) -> list[Callable[[float], None]]:
        recipe, on_cpu = self._recipe, self._device.type == "cpu"
        trials: list[Callable[[float], None]] = []
        if recipe.precision == "auto":
            if precision.bf16_is_native(self._device):
                trials.append(self._bf16)
            else:
                self._decisions.note("precision", "usual", "no bf16 arithmetic here")
        if recipe.threads == "auto" and on_cpu and torch.get_num_threads() > 1:
            trials.append(self._threads)
        if recipe.channels_last == "auto":
            trials.append(self._other_layout)
        if recipe.winograd == "auto" and on_cpu and self._winograd_fits:
            trials.append(self._winograd)
        compiles = recipe.compile == "auto" and has_compiler(self._device)
        if compiles and can_be_limited():
            trials.append(self._compiling)
        return trials

    def _threads(self, deadline: float) -> None:
        now, pays = torch.get_num_threads(), True
        while now > 1 and pays:
            fewer = now // 2
            named = f"{fewer} is {{:.2f}} times as fast as {now}"
            pays = self._try(
                "threads", replace(self._way, threads=fewer), named, deadline
            )
            now = fewer

    def _bf16(self, deadline: float) -> None:
        other = replace(self._way, precision="bf16")
        self._try("precision", other, "bf16 is {:.2f} times as fast", deadline)

    def _other_layout(self, deadline: float) -> None:
        other = replace(self._way, channels_last=not self._way.channels_last)
        named = f"channels_last {on_or_off(other.channels_last)}"
        self._try(
            "channels_last", other, f"{named} is {{:.2f}} times as fast", deadline
        )

    def _winograd(self, deadline: float) -> None:
        way = self._way
        if _takes_winograd(way):
            named = f"Winograd {on_or_off(not way.winograd)}"
            other = replace(way, winograd=not way.winograd)
            self._try("winograd", other, f"{named} is {{:.2f}} times as fast", deadline)

    def _compiling(self, deadline: float) -> None:
        if deadline - perf_counter() < COMPILING:
            return
        compiled = replace(self._way, compiled=True)
        try:
            with time_limit(MOST_COMPILING):
                self._probe.seconds(compiled)
        except OutOfTime:
            why = f"not within {MOST_COMPILING:g} s"
            self._decisions.note("compile", "usual", why)
            return
        except Exception as error:
            self._decisions.note("compile", "usual", f"cannot: {reason_of(error)}")
            return
        deadline = max(deadline, perf_counter() + COMPILING)
        self._try("compile", compiled, "compiled is {:.2f} times as fast", deadline)

    def _try(self, option: str, other: Execution, words: str, deadline: float) -> bool:
        """Whether the other way is taken."""
        left = deadline - perf_counter()
        gain = self._probe.gain(self._way, other, left)
        if gain is None:
            return False
        sure = gain.sure
        return self._decisions.measured(option, other, sure, words.format(sure))
