"""Shows what a unit of a layer sees of a picture: in theory, and in effect."""

from dataclasses import dataclass
from pathlib import Path

from convatlas.anatomy import Row, Table, trace
from convatlas.anatomy.effective import Effect, effective_field
from convatlas.errors import UnknownName, UsageError
from convatlas.verbs.subject import Subject, find_subject


@dataclass(frozen=True)
class SeenField:
    """The receptive field of one unit.

    Attributes:
        subject: the network.
        row: of the layer.
        unit: (row, column) in the layer's map.
        patch: (top, left, bottom, right) in theory, the last pixels included; beyond
            the border where padding is seen; None: everything.
        effect: what moves the unit in effect.
        picture: where it was drawn.
    """

    subject: Subject
    row: Row
    unit: tuple[int, int]
    patch: tuple[int, int, int, int] | None
    effect: Effect
    picture: Path | None = None


def field(
    name: str,
    layer: str,
    *,
    unit: tuple[int, int] | None = None,
    input: tuple[int, ...] | None = None,
    samples: int = 8,
    seed: int = 0,
    picture: Path | None = None,
    out: Path | None = None,
) -> SeenField:
    """The receptive field of a unit, by arithmetic and by gradients.

    The network is freshly initialised; training makes effective fields grow.

    Args:
        name: of a network of the atlas, or ``package.module:Class``.
        layer: dotted path, as ``show`` prints it.
        unit: (row, column) in the layer's map; the middle when None.
        input: see ``show``.
        samples: random pictures to average over.
        seed: of weights and pictures.
        picture: a picture file to draw on.
        out: a .png or .svg to draw.

    Raises:
        UnknownName: no such network or layer.
        UsageError: a layer without a map, a unit outside it.
        NetworkError: the network cannot be built or traced so.
    """
    import torch

    if samples < 1:
        raise UsageError(f"--samples {samples}: must be at least 1")
    subject = find_subject(name, input)
    table = trace(subject.empty(), subject.input)
    row = _row(table, name, layer)
    height, width = row.output[1:]
    place = (height // 2, width // 2) if unit is None else unit
    if not (0 <= place[0] < height and 0 <= place[1] < width):
        raise UsageError(
            f"--unit {place[0]},{place[1]}: the map of {layer} has rows 0 to "
            f"{height - 1} and columns 0 to {width - 1}"
        )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = subject.build()
    effect = effective_field(network, layer, place, subject.input, samples, seed)
    seen = SeenField(subject, row, place, row.patch(place), effect)
    if out is None:
        return seen
    from convatlas.plots.figure import save
    from convatlas.plots.receptive_field import draw_receptive_field

    _, tall, wide = subject.input
    shown = None if picture is None else _opened(picture, tall, wide)
    title = f"{name}, {layer} ({row.operation}), unit {place[0]},{place[1]}"
    figure = draw_receptive_field(effect, seen.patch, title, shown)
    return SeenField(subject, row, place, seen.patch, effect, save(figure, out))


def _row(table: Table, name: str, layer: str) -> Row:
    maps = [
        row.name
        for row in table.rows
        if len(row.output) == 3 and not row.name.endswith("()")
    ]
    try:
        row = table.row(layer)
    except KeyError:
        raise UnknownName(
            "layer", layer, maps, f"'convatlas show {name}' lists them"
        ) from None
    if layer not in maps:
        raise UsageError(
            f"{layer} ({row.operation}) gives {row.output_text}, no map of a module; "
            f"the last one is {maps[-1]}"
            if maps
            else f"{name} has no maps"
        )
    return row


def _opened(path: Path, height: int, width: int) -> "object":
    """A picture file in the size of the input, as an array."""
    import numpy as np
    from PIL import Image, UnidentifiedImageError

    from convatlas.errors import PictureError

    try:
        with Image.open(path) as picture:
            return np.asarray(picture.convert("RGB").resize((width, height)))
    except (OSError, UnidentifiedImageError) as error:
        reason = getattr(error, "strerror", None) or "is no picture"
        raise PictureError(f"{path}: cannot be read: {reason}") from None
