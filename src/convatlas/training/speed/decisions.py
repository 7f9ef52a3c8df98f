"""What has been decided about a training so far, option by option."""

from dataclasses import replace

import torch

from convatlas.recipe import Recipe
from convatlas.training.speed.execution import Execution
from convatlas.training.speed.plan import Choice, Plan, Source
from convatlas.training.speed.usual import doubts, usual

WORTH_IT = 1.15  # times as fast; below, what is usual stays

OPTIONS = (
    *("threads", "precision", "channels_last", "kernels", "winograd"),
    *("native", "compile", "keep_memory", "tf32"),
)


class Decisions:
    """Of one training; what nobody decides stays as it is usual.

    Args:
        recipe: what it does not leave open is decided.
        device: that the network is trained on.

    Attributes:
        execution: as it is decided so far.
    """

    def __init__(self, recipe: Recipe, device: torch.device) -> None:
        self.execution = usual(recipe, device)
        self._recipe = recipe
        self._choices: dict[str, Choice] = {}
        for option, why in doubts(recipe, device).items():
            self.note(option, "asked", why)

    def note(self, option: str, source: Source, why: str) -> None:
        """An option stays as it is, for a reason."""
        self._choices[option] = Choice(option, self._value(option), source, why)

    def measured(self, option: str, other: Execution, gain: float, why: str) -> bool:
        """Takes the other way if its gain is worth it, and says whether it is."""
        gain = round(gain, 3)  # as it is reported
        worth_it = gain >= WORTH_IT
        if worth_it:
            self.execution = other
        value = self._value(option)
        self._choices[option] = Choice(option, value, "measured", why, gain)
        return worth_it

    def not_compiled(self, why: str) -> None:
        """Goes on without what was asked for."""
        self.execution = replace(self.execution, compiled=False)
        self.note("compile", "failed", f"not compiled: {why}")

    def without_winograd(self, why: str) -> None:
        """Goes on without, and says so if it was asked for."""
        self.execution = replace(self.execution, winograd=False)
        if self._recipe.winograd == "on":
            self.note("winograd", "failed", f"Winograd is not used: {why}")

    def without_native(self, why: str) -> None:
        """Goes on with torch's pooling, and says so if the other was asked for."""
        self.execution = replace(self.execution, native=False)
        source: Source = "failed" if self._recipe.native == "on" else "usual"
        self.note("native", source, f"pooling is torch's: {why}")

    def plan(self, step_seconds: float | None, seconds: float) -> Plan:
        """What came out.

        Args:
            step_seconds: of a step before, where it was measured.
            seconds: that deciding took.
        """
        choices = tuple(
            self._choices.get(option)
            or Choice(option, self._value(option), self._source(option))
            for option in OPTIONS
        )
        return Plan(self.execution, choices, step_seconds, seconds)

    def _source(self, option: str) -> Source:
        return "usual" if getattr(self._recipe, option) == "auto" else "asked"

    def _value(self, option: str) -> str:
        way = self.execution
        values = {
            "threads": str(way.threads or torch.get_num_threads()),
            "precision": way.precision,
            "channels_last": on_or_off(way.channels_last),
            "kernels": on_or_off(way.kernels),
            "winograd": on_or_off(way.winograd),
            "native": on_or_off(way.native),
            "compile": on_or_off(way.compiled),
            "keep_memory": on_or_off(way.keep_memory),
            "tf32": way.tf32,
        }
        return values[option]


def on_or_off(value: bool) -> str:
    """As recipes have it."""
    return "on" if value else "off"
