"""What is asked of an explanation."""

from dataclasses import dataclass

from convatlas.errors import UsageError
from convatlas.verbs.explain.why.options import NOTHING, Why

MOST_CHANNELS = 512


@dataclass(frozen=True)
class Options:
    """What is to be shown.

    Attributes:
        layers: names of rows; all when empty.
        unit: of the one layer, whose value is worked out: channel, row, column, or
            as many numbers as the layer's output has dimensions.
        own_scale: each map has a scale of its own; else all maps of a layer share one.
        channels: at most so many maps of a layer, those with the most energy; 0: all.
        why: what is asked about the reasons of the answers.
    """

    layers: tuple[str, ...] = ()
    unit: tuple[int, ...] | None = None
    own_scale: bool = False
    channels: int = 16
    why: Why = NOTHING

    def __post_init__(self) -> None:
        if self.channels < 0:
            raise UsageError(f"channels = {self.channels}: 0 (all) or more")
        if self.unit is not None and len(self.layers) != 1:
            raise UsageError("a unit is looked for in one layer: name one with --layer")
