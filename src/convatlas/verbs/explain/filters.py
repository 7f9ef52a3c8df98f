"""Filters: what the layers of a network look for."""

import numpy as np

from convatlas.looking.kernels import Kernels, kernels_of, layers_with_kernels
from convatlas.looking.subjects import Subject
from convatlas.verbs.explain.options import Options
from convatlas.verbs.explain.section import Scale, Section, Shown, Text, Tile

TITLE = Text("Filters", "卷积核")
TEXT = Text(
    "The weights; those of a first layer over red, green and blue as small pictures, "
    "all others slice by slice: blue below zero, red above, white at zero.",
    "权重：作用于红、绿、蓝三个通道的第一层以小图显示，其余逐片显示："
    "蓝色为负，红色为正，白色为零。",
)
SLICES = 4  # of a filter that are shown, those with the most energy


def filters_section(subject: Subject, options: Options) -> Section:
    """A sheet for each layer with filters of more than one weight a slice."""
    network, table = subject.network, subject.table
    names = [table.rows[i].name for i in layers_with_kernels(network, table)]
    if options.layers:
        names = [n for n in names if n in {one.split("#")[0] for one in options.layers}]
    found = [kernels_of(network, table, name) for name in names]
    drawn = [one for one in found if one.form != "matrix"]
    if not options.layers:  # single weights are no pictures
        drawn = [one for one in drawn if one.weights[0, 0].numel() > 1]
    return Section(
        name="filters",
        title=TITLE,
        text=TEXT,
        shown=tuple(_sheet(one, options.channels) for one in drawn),
        figures={"layers": [_figures(one) for one in found]},
    )


def _sheet(kernels: Kernels, channels: int) -> Shown:
    out, into, height, width = kernels.weights.shape
    energy = kernels.weights.square().mean((1, 2, 3))
    chosen = energy.argsort(descending=True, stable=True)[: channels or out].tolist()
    size = f"{out}×{into}×{height}×{width}"
    title = Text.same(f"{kernels.name}  {kernels.operation}")
    name = f"{kernels.index:03d}-{kernels.name}"
    left = out - len(chosen)
    more = (
        Text(f"; {left} weaker ones left out", f"；略去 {left} 个较弱的")
        if left
        else None
    )
    if kernels.coloured:
        en, zh = f"{size}; grey is zero", f"{size}；灰色为零"
        coloured = tuple(Tile(kernels.picture(f), Text.same(str(f))) for f in chosen)
        return Shown(name, title, _note(en, zh, more), tiles=coloured)
    most = float(kernels.weights.abs().max())
    tiles = []
    for f in chosen:
        slices = kernels.weights[f]
        strength = slices.square().mean((1, 2))
        best = strength.argsort(descending=True, stable=True)[:SLICES].sort().values
        tiles += [
            Tile(slices[s].numpy(), Text.same(f"{f}" if into == 1 else f"{f}←{s}"))
            for s in best.tolist()
        ]
    en = zh = size
    if into > SLICES:
        en = f"{en}; of each filter its {SLICES} strongest slices (filter←channel)"
        zh = f"{zh}；每个卷积核取最强的 {SLICES} 片（卷积核←通道）"
    scale = Scale("diverging", -most, most)
    return Shown(name, title, _note(en, zh, more), tiles=tuple(tiles), scale=scale)


def _note(en: str, zh: str, more: Text | None) -> Text:
    return Text(en + more.en, zh + more.zh) if more else Text(en, zh)


def _figures(kernels: Kernels) -> dict[str, object]:
    weights = kernels.weights.numpy()
    return {
        "layer": kernels.name,
        "operation": kernels.operation,
        "shape": list(weights.shape),
        "low": float(weights.min()),
        "high": float(weights.max()),
        "mean": float(weights.mean()),
        "deviation": float(np.std(weights)),
    }
