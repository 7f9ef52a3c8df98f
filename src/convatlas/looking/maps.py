"""Of each row the channels with the most energy, small enough to be shown or sent."""

from collections.abc import Collection

import numpy as np
import torch
from torch import Tensor

from convatlas.anatomy import Row, Table
from convatlas.looking.activations import Looked
from convatlas.looking.message import LayerMaps

# rows that give what they got: nothing new to see
COPIES = ("dropout", "identity")


def shown_rows(table: Table) -> tuple[int, ...]:
    """The leaf rows worth a picture: those that give something else than they got."""
    return tuple(
        index
        for index, row in enumerate(table.rows)
        if row.leaf
        and row.called
        and row.order >= 0
        and row.output
        and row.operation.split()[0] not in COPIES
    )


def maps_of(
    table: Table,
    looked: Looked,
    *,
    rows: Collection[int] | None = None,
    channels: int = 16,
    side: int = 64,
    picture: int = 0,
) -> list[LayerMaps]:
    """The maps of one picture.

    Args:
        table: of the network.
        looked: one forward of it.
        rows: which; all that ``shown_rows`` tells when None.
        channels: at most so many of a row, those with the most energy; 0: all, in
            their order.
        side: maps are shrunk by means to at most so many pixels; 0: full size.
        picture: of the batch.
    """
    wanted = shown_rows(table) if rows is None else sorted(rows)
    return [
        _of_row(
            index, table.rows[index], looked.outputs[index][picture], channels, side
        )
        for index in wanted
        if index in looked.outputs
    ]


def as_maps(output: Tensor) -> Tensor:
    """One picture's output as maps, C H W: a vector is one map of one row."""
    flat = output.float()
    if flat.ndim < 3:
        return flat.reshape(1, -1, flat.shape[-1] if flat.ndim else 1)
    return flat.flatten(0, -3)


def shrunk(maps: Tensor, side: int) -> Tensor:
    """Maps, C H W, by means to at most ``side`` pixels a side; 0: as they are."""
    height, width = maps.shape[1:]
    longest = max(height, width)
    if not side or longest <= side:
        return maps
    size = tuple(max(round(s * side / longest), 1) for s in (height, width))
    return torch.nn.functional.adaptive_avg_pool2d(maps, (size[0], size[1]))


def energies(maps: Tensor) -> Tensor:
    """C: mean square of each map."""
    return maps.square().mean((1, 2))


def _of_row(
    index: int, row: Row, output: Tensor, channels: int, side: int
) -> LayerMaps:
    maps = as_maps(output)
    energy = energies(maps)
    chosen = torch.arange(len(maps))
    if channels:
        chosen = energy.argsort(descending=True, stable=True)[:channels]
    count, height, width = maps.shape
    plane = len(row.output) >= 3
    values = shrunk(maps[chosen], side if plane else 0)
    return LayerMaps(
        index=index,
        name=row.name,
        operation=row.operation,
        kind=row.kind,
        shape=(count, height, width),
        channel=tuple(chosen.tolist()),
        maps=np.ascontiguousarray(values.numpy()),
        energy=tuple(energy[chosen].tolist()),
        field=row.field_text,
        more={"call": row.call} if row.call > 1 else {},
    )
