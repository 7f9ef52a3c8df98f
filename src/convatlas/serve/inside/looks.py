"""What is computed for the routes, in the thread of torch; everything as bytes."""

import os
from dataclasses import replace
from time import perf_counter
from typing import TYPE_CHECKING, Literal

from PIL import Image

from convatlas.errors import UnknownName, UsageError
from convatlas.looking import message
from convatlas.looking.message import LayerMaps
from convatlas.serve.faults import Fault
from convatlas.serve.inside.answers import Arithmetic, Seen
from convatlas.serve.inside.structure import shown_name, shown_rows

if TYPE_CHECKING:
    from torch import Tensor

    from convatlas.anatomy import Table
    from convatlas.looking.regions import Regions
    from convatlas.looking.subjects import Subject

Prepare = Literal["digit", "none"]

FEW_MACS = 20_000_000  # of a network to which a second thread brings nothing
MOST_SLICES = 4096  # of kernels in one message
MOST_WEIGHTS = 1 << 20


def explained(
    subject: "Subject",
    picture: Image.Image,
    prepare: Prepare | None,
    *,
    channels: int,
    side: int,
    layer: str | None,
    top: int,
) -> bytes:
    """The maps of every layer, or one layer's in full."""
    from convatlas.looking.maps import maps_of

    started = perf_counter()
    table = subject.table
    _take_threads(table)
    rows = None if layer is None else [row_of(table, layer)]
    if rows:
        channels = side = 0
    seen = _seen(subject, picture, prepare)
    looked = subject.look(seen)
    maps = maps_of(table, looked, rows=rows, channels=channels, side=side)
    answers = [one._asdict() for one in subject.said(looked.result, top)]
    return message.write(
        _numbered(maps, table),
        seen=seen.numpy(),
        run=subject.id,
        trained=subject.trained,
        answers=[
            {"class": one["name"], "probability": one["probability"]} for one in answers
        ],
        milliseconds=_milliseconds(started),
    )


def heat(
    subject: "Subject",
    picture: Image.Image,
    prepare: Prepare | None,
    *,
    method: str,
    target: int | None,
    digit: int | Literal["length"],
    layer: str | None,
) -> bytes:
    """A heat map in the size of the network's input."""
    from convatlas.importance.blank import blank_of
    from convatlas.importance.heat import heat_map
    from convatlas.importance.targets import answers_of, target_of

    started = perf_counter()
    _take_threads(subject.table)
    if layer is not None:
        layer = subject.table.rows[row_of(subject.table, layer)].name
    seen = _seen(subject, picture, prepare)
    image = subject.normalise(seen)[0]
    answers = answers_of(subject.network, image)
    asked = target_of(answers, subject.answers, target, digit)
    found = heat_map(
        subject.network,
        image,
        method,
        asked,
        layer=layer,
        blank=blank_of(subject),
        table=subject.table,
    )
    values = found.values[None]
    maps = LayerMaps(
        index=-1,
        name="heat",
        operation=method,
        kind="heat",
        shape=(1, *found.values.shape),
        channel=(0,),
        maps=values,
        energy=(float((values**2).mean()),),
        signed=found.signed,
        more={
            "target": asked.asked,
            "about": asked.name,
            "score": found.score,
            "layer": found.layer,
            "note": found.note,
        },
    )
    return message.write(
        [maps],
        seen=seen.numpy(),
        run=subject.id,
        trained=subject.trained,
        answers=None,
        milliseconds=_milliseconds(started),
    )


def worked_out(
    subject: "Subject",
    picture: Image.Image,
    prepare: Prepare | None,
    layer: str,
    unit: tuple[int, ...],
) -> Arithmetic:
    """One value of a layer, with what it was made of."""
    from convatlas.looking.arithmetic import arithmetic_of

    _take_threads(subject.table)
    row = row_of(subject.table, layer)
    images = subject.normalise(_seen(subject, picture, prepare))
    found = arithmetic_of(subject.looker, images, row, unit)
    return Arithmetic(**{**found.to_json(), "layer": layer})


def seen_by(regions: "Regions", table: "Table", layer: str, unit: list[int]) -> Seen:
    """What a unit depends on, in the input and in every layer before it.

    Args:
        regions: of the network.
        table: of it.
        layer: as a page knows it.
        unit: row and column of a map, or the place in a vector.
    """
    index = row_of(table, layer)
    row = table.rows[index]
    sizes = row.output[1:] if len(row.output) > 2 else row.output
    fits = len(unit) == len(sizes) and all(
        at < size for at, size in zip(unit, sizes, strict=True)
    )
    if not fits:
        raise UsageError(
            f"unit = {','.join(map(str, unit))}: {layer} ({row.output_text}) has the "
            f"units {','.join('0' for _ in sizes)} to "
            f"{','.join(str(size - 1) for size in sizes)}"
        )
    found = regions.of(index, tuple(unit))
    return Seen(
        input=None if found.input is None else list(found.input),
        maps={shown_name(table.rows[i]): list(box) for i, box in found.maps.items()},
    )


def kernels(subject: "Subject", layer: str, channel: int | None) -> bytes:
    """The weights of a layer, of one output channel if asked; at most a million."""
    from convatlas.looking.kernels import kernels_of

    row = subject.table.rows[row_of(subject.table, layer)]
    found = kernels_of(subject.network, subject.table, row.name)
    out, into, height, width = found.weights.shape
    if channel is not None and not 0 <= channel < out:
        raise Fault(
            422, "channel_unknown", f"channel = {channel}: {layer} has 0 to {out - 1}"
        )
    if into * height * width > MOST_WEIGHTS:
        raise Fault(
            422,
            "too_large",
            f"{layer} has {into * height * width:,} weights in one piece; up to "
            f"{MOST_WEIGHTS:,} are shown",
        )
    most = min(MOST_SLICES // into, MOST_WEIGHTS // (into * height * width))
    first, last = 0, min(out, max(most, 1))
    if channel is not None:
        first, last = channel, channel + 1
    maps = replace(found, weights=found.weights[first:last]).as_maps()
    maps = replace(
        maps,
        shape=(out * into, height, width),
        channel=tuple(range(first * into, last * into)),
        more={**maps.more, "out": out, "in": into},
    )
    return message.write(_numbered([maps], subject.table), run=subject.id)


def row_of(table: "Table", layer: str) -> int:
    """Place of a layer in the table, by the name that a page knows it by.

    Raises:
        UnknownName: no such layer.
    """
    names = {shown_name(row): i for i, row in shown_rows(table)}
    if layer not in names:
        hint = f"the layers are those of /v1/runs/ID/structure, {next(iter(names))} ..."
        raise UnknownName("layer", layer, names, hint)
    return names[layer]


def _take_threads(table: "Table") -> None:
    """On a busy machine two threads wait for each other at every small layer."""
    import torch

    torch.set_num_threads(1 if table.macs < FEW_MACS else os.cpu_count() or 1)


def _seen(
    subject: "Subject", picture: Image.Image, prepare: Prepare | None
) -> "Tensor":
    digit = None if prepare is None else prepare == "digit"
    return subject.prepare(picture, digit=digit)


def _numbered(maps: list[LayerMaps], table: "Table") -> list[LayerMaps]:
    """With the index that the layer has in its structure."""
    place = {row: new for new, (row, _) in enumerate(shown_rows(table))}
    return [
        replace(one, index=place[one.index], name=shown_name(table.rows[one.index]))
        for one in maps
    ]


def _milliseconds(started: float) -> float:
    return round((perf_counter() - started) * 1000, 2)
