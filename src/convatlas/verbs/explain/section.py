"""What an explanation is made of: sections of pictures and figures, in two languages.

The page of ``convatlas.report`` and the files of ``convatlas explain`` are both drawn
from these values; whoever has something new to show makes a ``Section`` of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from matplotlib.figure import Figure
from numpy.typing import NDArray

from convatlas.looking.wording import Text
from convatlas.plots.colours import Colours

__all__ = ["Scale", "Section", "Shown", "Text", "Tile"]


@dataclass(frozen=True)
class Scale:
    """The legend of a picture: its colours, and the values at both ends."""

    colours: Colours
    low: float
    high: float


@dataclass(frozen=True)
class Tile:
    """One small picture of a sheet.

    Attributes:
        values: h w, float, drawn in the colours of the scale; or h w 3, uint8, drawn
            as it is.
        label: below it, short: the number of a channel, a probability.
        scale: of this tile; that of the sheet when None.
        numbers: whether the values are written into their cells.
    """

    values: NDArray[Any]
    label: Text = Text("", "")
    scale: Scale | None = None
    numbers: bool = False


@dataclass(frozen=True)
class Shown:
    """A sheet of tiles, or a drawing.

    Attributes:
        name: of its file, without ending; unique in its section.
        title: above it.
        note: below the title: size, receptive field, which channels.
        formula: in one line, if it is about a value.
        tiles: small pictures side by side.
        figure: a drawing instead of tiles.
        scale: that all tiles share; None where each has its own, or none.
    """

    name: str
    title: Text
    note: Text = Text("", "")
    formula: Text = Text("", "")
    tiles: tuple[Tile, ...] = ()
    figure: Figure | None = None
    scale: Scale | None = None


@dataclass(frozen=True)
class Section:
    """A part of the explanation of a picture or of a network.

    Attributes:
        name: of its folder and link, e.g. ``"maps"``.
        title: its heading.
        text: what one sees, in a sentence or two.
        shown: the pictures.
        figures: the numbers, for ``--json``; plain values.
    """

    name: str
    title: Text
    text: Text = Text("", "")
    shown: tuple[Shown, ...] = ()
    figures: Mapping[str, Any] = field(default_factory=dict)
