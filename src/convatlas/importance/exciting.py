"""The parts of pictures that excite a unit most, cut to what the unit sees."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from convatlas.anatomy import Row, Table, trace
from convatlas.errors import UnknownName, UsageError
from convatlas.importance.pictures import Pictures
from convatlas.importance.watching import watched
from convatlas.progress import Progress, silent

MOST = 100  # patches a channel


@dataclass(frozen=True)
class Exciting:
    """A part of a picture.

    Attributes:
        picture: its row in the pictures.
        value: of the unit.
        unit: (row, column) in the layer's map, where the value is the largest.
        region: what the unit sees: (top, left, bottom, right) in pixels, the last
            included, cut to the picture.
        outside: how many rows and columns of padding it sees besides, at the same four
            sides.
        pixels: C h w, uint8, as the network gets to see them.
        label: of the whole picture; empty where nobody has told it.
    """

    picture: int
    value: float
    unit: tuple[int, int]
    region: tuple[int, int, int, int]
    outside: tuple[int, int, int, int]
    pixels: NDArray[np.uint8]
    label: str


def most_exciting(
    network: nn.Module,
    layer: str,
    pictures: Pictures,
    channels: list[int] | None = None,
    count: int = 9,
    *,
    table: Table | None = None,
    progress: Progress = silent,
) -> dict[int, tuple[Exciting, ...]]:
    """For each channel of a layer, the pictures in which it is largest anywhere.

    All channels are found in one pass, with memory for a batch and the best alone.

    Args:
        network: left as it was.
        layer: dotted path of one that gives maps or a vector.
        pictures: to look through.
        channels: of the layer; all when None.
        count: patches a channel, of different pictures.
        table: of the network, if it is at hand.
        progress: told how many pictures were looked through.

    Returns:
        By channel, strongest first; none for one that is the same in all pictures.

    Raises:
        UnknownName: no such layer.
        UsageError: a layer or a channel that cannot be looked at.
    """
    if not 1 <= count <= MOST:
        raise UsageError(f"count = {count}: 1 to {MOST} patches a channel")
    if not pictures.count:
        raise UsageError(f"{pictures.name}: has no pictures")
    table = table or trace(network, tuple(pictures.one(0).shape))
    row = unit_row(table, layer)
    chosen = _checked(row, channels)
    best = _Best(count, len(chosen))
    found = watched(network, layer, pictures, progress=progress, what=layer)
    for rows, values in found:
        places = values[:, chosen].reshape(len(rows), len(chosen), -1)
        best.take(rows, places.float().cpu())
    width = row.output[2] if len(row.output) == 3 else 1
    return {
        channel: tuple(
            _cut(pictures, row, table.input, value, picture, divmod(place, width))
            for value, picture, place in best.of(position)
        )
        for position, channel in enumerate(chosen)
    }


def unit_row(table: Table, layer: str) -> Row:
    """The row of a layer whose units have channels.

    Raises:
        UnknownName: no such layer.
        UsageError: its output is no map and no vector.
    """
    rows = [r for r in table.rows if r.called and r.name and not r.name.endswith("()")]
    named = [r for r in rows if r.name == layer]
    if not named:
        raise UnknownName(
            "layer", layer, [r.name for r in rows], "'convatlas show' lists them"
        )
    if len(named[-1].output) not in (1, 3):
        raise UsageError(
            f"{layer} ({named[-1].operation}) gives {named[-1].output_text}: a map or "
            "a vector is needed, whose first side are channels"
        )
    return named[-1]


def _checked(row: Row, channels: list[int] | None) -> list[int]:
    if channels is None:
        return list(range(row.output[0]))
    for channel in channels:
        if not 0 <= channel < row.output[0]:
            raise UsageError(
                f"channel {channel}: {row.name} has the channels 0 to "
                f"{row.output[0] - 1}"
            )
    return list(dict.fromkeys(channels))


class _Best:
    """The largest values of each channel so far, and where they were."""

    def __init__(self, count: int, channels: int) -> None:
        self.count = count
        self.values = torch.empty(0, channels)
        self.pictures = torch.empty(0, channels, dtype=torch.int64)
        self.places = torch.empty(0, channels, dtype=torch.int64)
        self.lowest = torch.full((channels,), torch.inf)

    def take(self, rows: Tensor, values: Tensor) -> None:
        """Values are N × channels × places."""
        largest, places = values.max(dim=2)
        self.lowest = torch.minimum(self.lowest, largest.amin(dim=0))
        together = torch.cat([self.values, largest])
        pictures = torch.cat([self.pictures, rows[:, None].expand_as(places)])
        all_places = torch.cat([self.places, places])
        kept = together.topk(min(self.count, len(together)), dim=0)
        self.values = kept.values
        self.pictures = pictures.gather(0, kept.indices)
        self.places = all_places.gather(0, kept.indices)

    def of(self, channel: int) -> list[tuple[float, int, int]]:
        """Value, picture and place, largest value first."""
        if self.values[0, channel] == self.lowest[channel]:
            return []  # the same everywhere, as of a ReLU that never opens
        columns = (self.values, self.pictures, self.places)
        values, pictures, places = (column[:, channel].tolist() for column in columns)
        return list(zip(values, pictures, places, strict=True))


def _cut(
    pictures: Pictures,
    row: Row,
    input: tuple[int, ...],
    value: float,
    picture: int,
    unit: tuple[int, int],
) -> Exciting:
    _, height, width = input
    patch = row.patch(unit) if len(row.output) == 3 else None
    top, left, bottom, right = patch or (0, 0, height - 1, width - 1)
    inside = max(top, 0), max(left, 0), min(bottom, height - 1), min(right, width - 1)
    shown = pictures.one(picture)
    pixels = shown[:, inside[0] : inside[2] + 1, inside[1] : inside[3] + 1]
    return Exciting(
        picture=picture,
        value=value,
        unit=unit,
        region=inside,
        outside=(
            inside[0] - top,
            inside[1] - left,
            bottom - inside[2],
            right - inside[3],
        ),
        pixels=pixels.cpu().numpy(),
        label=pictures.label(picture),
    )
