"""One page with everything an explanation shows, complete in itself."""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, Literal

import numpy as np
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from convatlas.looking.wording import short
from convatlas.plots.colours import coloured, light
from convatlas.report.drawn import data_uri, gradient, svg
from convatlas.report.words import WORDS
from convatlas.verbs.explain import Explained, ExplainedPicture
from convatlas.verbs.explain.section import Scale, Section, Shown, Tile

Language = Literal["en", "zh"]
UNFOLDED = 24  # sheets of a section that are shown without folding
STRIP = 8  # a tile so many times as wide as high is shown as a strip
PIXELS = 72  # of a tile on the page, about


def page(explained: Explained, language: Language = "en") -> str:
    """HTML without a script and without a request to anywhere."""
    environment = Environment(
        loader=PackageLoader("convatlas.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    subject = explained.subject
    run = subject.run
    return environment.get_template("explain.html.j2").render(
        language=language,
        words=WORDS[language],
        subject=subject,
        data=None if run is None else run.info.data["name"],
        table=subject.table,
        pictures=[
            _picture(number, one, language)
            for number, one in enumerate(explained.pictures)
        ],
        sections=[_section("network", one, language) for one in explained.sections],
    )


def _picture(number: int, one: ExplainedPicture, language: Language) -> dict[str, Any]:
    pixels = one.seen.transpose(1, 2, 0)
    seen = np.repeat(pixels, 3, 2) if pixels.shape[2] == 1 else pixels
    return {
        "anchor": f"picture-{number + 1}",
        "name": one.file.name,
        "seen": data_uri([Tile(seen)], None),
        "height": seen.shape[0],
        "width": seen.shape[1],
        "answers": one.answers,
        "sections": [
            _section(f"picture-{number + 1}", section, language)
            for section in one.sections
        ],
    }


def _section(anchor: str, section: Section, language: Language) -> dict[str, Any]:
    return {
        "anchor": f"{anchor}-{section.name}",
        "title": getattr(section.title, language),
        "text": getattr(section.text, language),
        "groups": [
            (name, [_shown(one, language) for one in group])
            for name, group in _grouped(section.shown)
        ],
    }


def _grouped(shown: Sequence[Shown]) -> Iterator[tuple[str, list[Shown]]]:
    """All of a few sheets; of many those of each stage of the network."""
    if len(shown) <= UNFOLDED:
        yield "", list(shown)
        return
    groups: dict[str, list[Shown]] = {}
    for one in shown:
        groups.setdefault(_stage(one.title.en.split()[0]), []).append(one)
    yield from groups.items()


def _stage(layer: str) -> str:
    """``features.stage1`` of ``features.stage1.block2.conv``."""
    return ".".join(layer.removesuffix("()").split(".")[:2])


def _shown(shown: Shown, language: Language) -> dict[str, Any]:
    pictures = [tile for tile in shown.tiles if not tile.numbers]
    return {
        "title": getattr(shown.title, language),
        "note": getattr(shown.note, language),
        "formula": getattr(shown.formula, language),
        "scale": None if shown.scale is None else _legend(shown.scale),
        "own": not shown.scale and any(tile.scale for tile in pictures),
        "sheets": [_sheet(group, shown.scale, language) for group in _alike(pictures)],
        "written": [
            {"label": getattr(tile.label, language), "cells": _cells(tile, tile.scale)}
            for tile in shown.tiles
            if tile.numbers and tile.scale is not None
        ],
        "drawing": None if shown.figure is None else Markup(svg(shown.figure)),
    }


def _alike(tiles: Sequence[Tile]) -> Iterator[list[Tile]]:
    """Neighbours of one size and kind, which can be one picture."""

    def kind(tile: Tile) -> tuple[object, ...]:
        return tile.values.shape, tile.scale and tile.scale.colours

    for _, group in groupby(tiles, kind):
        yield list(group)


def _sheet(
    tiles: Sequence[Tile], scale: Scale | None, language: Language
) -> dict[str, Any]:
    """Tiles side by side in one picture, and where each of them is in it."""
    height, width = tiles[0].values.shape[:2]
    zoom = PIXELS / max(height, width)
    zoom = max(1, round(zoom)) if zoom > 0.5 else 0.5
    wide = round(width * zoom)
    return {
        "address": data_uri(tiles, scale),
        "strip": width > STRIP * height and len(tiles) == 1,
        "width": wide,
        "height": round(height * zoom),
        "all": wide * len(tiles),
        "tiles": [
            {
                "label": getattr(tile.label, language),
                "ends": _ends(tile.scale),
                "left": -wide * number,
            }
            for number, tile in enumerate(tiles)
        ],
    }


def _ends(scale: Scale | None) -> str:
    return "" if scale is None else f"{short(scale.low)} … {short(scale.high)}"


def _legend(scale: Scale) -> dict[str, str]:
    middle = "0" if scale.low < 0 < scale.high and scale.low == -scale.high else ""
    return {
        "colours": gradient(scale),
        "low": short(scale.low),
        "middle": middle,
        "high": short(scale.high),
    }


def _cells(tile: Tile, scale: Scale) -> list[list[dict[str, str]]]:
    """Numbers in their colours, by row."""
    colours = coloured(tile.values, scale.colours, scale.low, scale.high)
    return [
        [
            {
                "text": short(float(value)) if np.isfinite(value) else "–",
                "ground": "#{:02x}{:02x}{:02x}".format(*colour),
                "ink": "#000" if light(colour) else "#fff",
            }
            for value, colour in zip(row, line, strict=True)
        ]
        for row, line in zip(tile.values, colours, strict=True)
    ]
