"""What goes into a network and what comes out of it, as frozen values."""

from dataclasses import dataclass


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
    """The classes of a data set, in the order of their label numbers."""

    names: tuple[str, ...]

    @property
    def classes(self) -> int:
        """How many classes there are."""
        return len(self.names)
