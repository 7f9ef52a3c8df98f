"""How a training is going to be carried out, and why so."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from convatlas.training.speed.execution import Execution

# "asked": by the recipe; "usual": without measuring; "failed": asked for, not possible
Source = Literal["asked", "usual", "measured", "failed"]


@dataclass(frozen=True)
class Choice:
    """One decision.

    Attributes:
        option: the recipe's name for it.
        value: what was chosen.
        source: who says so.
        why: in words; empty where there is nothing to say.
        gain: how many times as fast the other way is, where that was measured.
    """

    option: str
    value: str
    source: Source
    why: str = ""
    gain: float | None = None


@dataclass(frozen=True)
class Plan:
    """All decisions of a training.

    Attributes:
        execution: what they lead to.
        choices: one an option.
        step_seconds: of a step before, where it was measured.
        seconds: that deciding took.
    """

    execution: Execution = Execution()
    choices: tuple[Choice, ...] = ()
    step_seconds: float | None = None
    seconds: float = 0.0

    @property
    def warnings(self) -> tuple[str, ...]:
        """What was asked for and cannot be had, or not as it was meant."""
        return tuple(
            c.why for c in self.choices if c.source in ("asked", "failed") and c.why
        )

    def line(self) -> str:
        """For the terminal: what was chosen, and what measuring it said."""
        on = [_worded(choice) for choice in self.choices]
        measured = [c.why for c in self.choices if c.source == "measured"]
        how = f"measured in {self.seconds:.1f} s" if measured else "as usual"
        said = [", ".join(word for word in on if word), *measured]
        return f"speed ({how}): {'; '.join(said)}"

    def to_json(self) -> dict[str, Any]:
        """For ``run.json``."""
        return {
            "execution": self.execution.to_json(),
            "choices": [asdict(choice) for choice in self.choices],
            "step_seconds": self.step_seconds,
            "seconds": self.seconds,
        }

    @classmethod
    def from_json(cls, plain: dict[str, Any]) -> Self:
        """The inverse of ``to_json``."""
        return cls(
            Execution.from_json(plain["execution"]),
            tuple(Choice(**choice) for choice in plain["choices"]),
            plain["step_seconds"],
            plain["seconds"],
        )


def _worded(choice: Choice) -> str:
    if choice.option == "threads":
        return f"{choice.value} thread{'s' if choice.value != '1' else ''}"
    words = {
        "channels_last": "channels_last",
        "kernels": "faster kernels where they fit",
        "winograd": "Winograd",
        "native": "pooling compiled",
        "compile": "compiled",
        "keep_memory": "memory kept",
        "tf32": "TF32",
    }
    if choice.option in words:
        return words[choice.option] if choice.value == "on" else ""
    return choice.value
