"""One value worked out: patch, kernel, products, sum."""

import numpy as np
from torch import Tensor

from convatlas.anatomy import Table
from convatlas.looking.activations import Looked
from convatlas.looking.arithmetic import Arithmetic, arithmetic_of
from convatlas.looking.arithmetic.value import Term
from convatlas.looking.subjects import Subject
from convatlas.looking.wording import short
from convatlas.verbs.explain.options import Options
from convatlas.verbs.explain.section import Scale, Section, Shown, Text, Tile

TITLE = Text("One value, worked out", "逐步计算一个值")
TEXT = Text(
    "Where a number of the network comes from: what is read, what it is multiplied "
    "with, and the sum.",
    "网络中的一个数从何而来:读取的值、所乘的权重与求和。",
)
SHOWN_TERMS = 4  # channels that are drawn, the largest contributions
WRITTEN = 7  # cells a side up to which numbers are written into them
MOST_LAYERS = 4


def values_section(
    subject: Subject,
    seen: Tensor,
    looked: Looked,
    rows: tuple[int, ...],
    options: Options,
) -> Section:
    """The asked unit, or the strongest of a few layers.

    Args:
        subject: that looked.
        seen: C H W, uint8, as ``Subject.prepare`` gave it.
        looked: at it.
        rows: of the layers that were asked for.
        options: the unit, if one was asked for.
    """
    if not options.layers:
        rows = _telling(subject.table)
    units = [(row, _strongest(looked.outputs[row][0])) for row in rows[:MOST_LAYERS]]
    if options.unit is not None:
        units = [(rows[0], options.unit)]
    inputs = subject.normalise(seen)
    found = [arithmetic_of(subject.looker, inputs, row, unit) for row, unit in units]
    return Section(
        name="values",
        title=TITLE,
        text=TEXT,
        shown=tuple(_sheet(one) for one in found),
        figures={"values": [one.to_json() for one in found]},
    )


def _telling(table: Table) -> tuple[int, ...]:
    """The first convolution, and what the answer is read from."""
    first = next(
        (i for i, r in enumerate(table.rows) if r.leaf and r.kind == "conv"), -1
    )
    ends = [end for end in table.ends if table.rows[end].leaf]
    return tuple(dict.fromkeys(row for row in (first, *ends) if row >= 0))


def _strongest(output: Tensor) -> tuple[int, ...]:
    place = np.unravel_index(int(output.float().argmax()), tuple(output.shape))
    return tuple(int(at) for at in place)


def _sheet(found: Arithmetic) -> Shown:
    place = ",".join(map(str, found.unit))
    terms = sorted(found.terms, key=lambda term: -abs(term.sum or 0.0))[:SHOWN_TERMS]
    left = len(found.terms) + found.left_out - len(terms)
    more = Text("", "")
    if left:
        more = Text(f" {left} smaller terms left out.", f"略去 {left} 个较小的项。")
    return Shown(
        name=f"{found.layer}-{place.replace(',', '-')}",
        title=Text(
            f"{found.layer}  {found.operation}  unit {place}: {short(found.value)}",
            f"{found.layer}  {found.operation}  单元 {place}:{short(found.value)}",
        ),
        note=Text(found.text.en + more.en, found.text.zh + more.zh),
        formula=found.formula,
        tiles=tuple(tile for term in terms for tile in _tiles(term, terms)),
    )


def _tiles(term: Term, terms: list[Term]) -> list[Tile]:
    """What is read, what it is multiplied with, and the products."""
    patch = np.array(term.patch)
    written = max(patch.shape) <= WRITTEN
    name = term.source if term.source and len({t.source for t in terms}) > 1 else ""
    read = f"{name} {term.channel}".strip()
    ends = np.nanmin(patch), np.nanmax(patch)
    tiles = [Tile(patch, read, Scale("viridis", *map(float, ends)), written)]
    if term.kernel is None or term.sum is None:
        return tiles
    kernel = np.array(term.kernel)
    products = np.nan_to_num(patch) * kernel
    return [
        *tiles,
        Tile(kernel, "× weights", _around_zero(kernel), written),
        Tile(products, f"Σ = {short(term.sum)}", _around_zero(products), written),
    ]


def _around_zero(values: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> Scale:
    most = float(np.abs(values).max()) or 1.0
    return Scale("diverging", -most, most)
