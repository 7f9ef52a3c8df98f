"""Feature maps: what every layer makes of the picture."""

import numpy as np

from convatlas.looking.activations import Looked
from convatlas.looking.maps import maps_of, shown_rows
from convatlas.looking.message import LayerMaps
from convatlas.looking.subjects import Subject
from convatlas.verbs.explain.options import Options
from convatlas.verbs.explain.section import Scale, Section, Shown, Text, Tile

TITLE = Text("Feature maps", "特征图")
TEXT = Text(
    "What every layer makes of this picture; of each the channels with the most energy "
    "(mean square) first.",
    "每一层从这张图片得到的结果;各层按能量(均方值)从大到小排列通道。",
)


def maps_section(
    subject: Subject, looked: Looked, rows: tuple[int, ...], options: Options
) -> Section:
    """A sheet of maps for each row.

    Args:
        subject: that looked.
        looked: at one picture.
        rows: of the layer table.
        options: how many channels, which scale.
    """
    layers = maps_of(
        subject.table, looked, rows=rows, channels=options.channels, side=0
    )
    return Section(
        name="maps",
        title=TITLE,
        text=TEXT,
        shown=tuple(_sheet(layer, options.own_scale) for layer in layers),
        figures={"layers": [_figures(layer) for layer in layers]},
    )


def wanted_rows(subject: Subject, options: Options) -> tuple[int, ...]:
    """The rows that the options name; all worth a picture when they name none."""
    if not options.layers:
        return shown_rows(subject.table)
    from convatlas.verbs.explain.layers import row_of

    return tuple(row_of(subject.table, name) for name in options.layers)


def _sheet(layer: LayerMaps, own_scale: bool) -> Shown:
    scale = _scale(layer.maps)
    tiles = tuple(
        Tile(values, str(channel), _scale(values) if own_scale else None)
        for values, channel in zip(layer.maps, layer.channel, strict=True)
    )
    if layer.shape[0] == 1:
        tiles = tuple(Tile(tile.values, "", tile.scale) for tile in tiles)
    channels, height, width = layer.shape
    left = channels - len(layer.channel)
    en, zh = f"{channels}×{height}×{width}", f"{channels}×{height}×{width}"
    if channels == 1 and height == 1:
        en, zh = f"{width} values", f"{width} 个值"
    if layer.field:
        seen = {"all": ("everything", "全图"), "–": ("nothing", "无"), "?": ("?", "?")}
        one = seen.get(layer.field, (f"{layer.field} px", f"{layer.field} 像素"))
        en, zh = f"{en}, sees {one[0]}", f"{zh},感受野 {one[1]}"
    if left:
        en, zh = (
            f"{en}; {left} weaker channels left out",
            f"{zh};略去 {left} 个较弱通道",
        )
    return Shown(
        name=f"{layer.index:03d}-{layer.name}",
        title=Text(*(f"{layer.name}  {layer.operation}",) * 2),
        note=Text(en, zh),
        tiles=tiles,
        scale=None if own_scale else scale,
    )


def _scale(values: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]") -> Scale:
    return Scale("viridis", float(values.min()), float(values.max()))


def _figures(layer: LayerMaps) -> dict[str, object]:
    return {
        "layer": layer.name,
        "index": layer.index,
        "operation": layer.operation,
        "shape": list(layer.shape),
        "field": layer.field,
        "channels": [
            {
                "channel": channel,
                "energy": energy,
                "low": float(values.min()),
                "high": float(values.max()),
                "mean": float(values.mean()),
            }
            for channel, energy, values in zip(
                layer.channel, layer.energy, layer.maps, strict=True
            )
        ],
    }
