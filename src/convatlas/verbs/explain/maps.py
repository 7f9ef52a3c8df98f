"""Feature maps: what every layer makes of the picture."""

from dataclasses import replace

import numpy as np
from torch import Tensor

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
    "每一层从这张图片得到的结果；各层按能量（均方值）从大到小排列通道。",
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
    drawn = [_in_a_row(layer, looked.outputs[layer.index][0]) for layer in layers]
    return Section(
        name="maps",
        title=TITLE,
        text=TEXT,
        shown=tuple(_sheet(layer, options.own_scale) for layer in drawn),
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
    own_scale = own_scale and len(layer.maps) > 1
    tiles = tuple(
        Tile(
            values,
            Text.same(str(channel)) if layer.shape[0] > 1 else Text("", ""),
            _scale(values) if own_scale else None,
        )
        for values, channel in zip(layer.maps, layer.channel, strict=True)
    )
    return Shown(
        name=f"{layer.index:03d}-{layer.name}",
        title=Text.same(f"{layer.name}  {layer.operation}"),
        note=_note(layer),
        tiles=tiles,
        scale=None if own_scale else scale,
    )


def _note(layer: LayerMaps) -> Text:
    """Size, receptive field, what was left out."""
    channels, height, width = layer.shape
    en = zh = f"{channels}×{height}×{width}"
    if channels == height == 1:
        en, zh = f"{width} values", f"{width} 个值"
    if layer.field and layer.field != "–":
        places = {"all": ("everything", "全图"), "?": ("what cannot be told", "未知")}
        sides = layer.field if "×" in layer.field else f"{layer.field}×{layer.field}"
        pixels = (f"{sides} pixels", f"{sides} 像素")
        seen_en, seen_zh = places.get(layer.field, pixels)
        en, zh = f"{en}, a unit sees {seen_en}", f"{zh}，感受野 {seen_zh}"
    left = channels - len(layer.channel)
    if left:
        en = f"{en}; {left} weaker channels left out"
        zh = f"{zh}；略去 {left} 个较弱的通道"
    return Text(en, zh)


def _in_a_row(layer: LayerMaps, output: Tensor) -> LayerMaps:
    """Maps of one pixel are seen better side by side, all of them."""
    if layer.shape[1:] != (1, 1):
        return layer
    values = output.float().reshape(1, 1, -1)
    energy = float(values.square().mean())
    return replace(
        layer,
        shape=(1, 1, layer.shape[0]),
        channel=(0,),
        maps=values.numpy(),
        energy=(energy,),
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
