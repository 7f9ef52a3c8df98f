"""What goes into a network and what comes out of it, as frozen values."""

from dataclasses import dataclass
from typing import Literal

NONE = 10  # the class of a place of a number that has no digit

# up to where a number is read: the first empty place, or so that it is the likeliest
Rule = Literal["blank", "likeliest"]


@dataclass(frozen=True)
class ImageSpec:
    """The pictures of a data set or the input of a network.

    Attributes:
        channels: 1 for grey, 3 for RGB.
        height: in pixels.
        width: in pixels.
        mean: of each channel, of pixels scaled to 0 ... 1.
        std: standard deviation of each channel, of pixels scaled to 0 ... 1.
    """

    channels: int
    height: int
    width: int
    mean: tuple[float, ...]
    std: tuple[float, ...]

    @property
    def shape(self) -> tuple[int, int, int]:
        """(channels, height, width)."""
        return self.channels, self.height, self.width


@dataclass(frozen=True)
class LabelSpec:
    """The classes of a data set, in the order of their label numbers.

    Attributes:
        names: of the classes; for numbers those of one digit, ``"0"`` to ``"9"`` and
            ``""``, which means that there is no digit at this place.
        digits: how many places the longest number has; 0 where a label is a single
            class.
    """

    names: tuple[str, ...]
    digits: int = 0

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return len(self.names)


@dataclass(frozen=True)
class Reading:
    """A number as it was read.

    Attributes:
        number: its digits; empty where none was seen.
        confidence: probability of the whole number: of each digit, and that it ends
            after the last one.
        digits: probability of each digit.
    """

    number: str
    confidence: float
    digits: tuple[float, ...]
