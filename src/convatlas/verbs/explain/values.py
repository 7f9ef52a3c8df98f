"""One value worked out: patch, kernel, products, sum."""

from collections.abc import Sequence

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
    "网络中的一个数从何而来：读取的值、所乘的权重与求和。",
)
SHOWN_TERMS = 4  # channels that are drawn, the largest contributions
WRITTEN = 7  # cells a side up to which numbers are written into them
MOST_LAYERS = 4
TIMES = Text("× weights", "× 权重")


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
    tiles, left = _tiles(found)
    more = Text("", "")
    if left:
        more = Text(f" {left} smaller terms left out.", f"略去 {left} 个较小的项。")
    return Shown(
        name=f"{found.layer}-{place.replace(',', '-')}",
        title=Text(
            f"{found.layer}  {found.operation}  unit {place}: {short(found.value)}",
            f"{found.layer}  {found.operation}  单元 {place}：{short(found.value)}",
        ),
        note=Text(found.text.en + more.en, found.text.zh + more.zh),
        formula=found.formula,
        tiles=tuple(tiles),
    )


def _tiles(found: Arithmetic) -> tuple[list[Tile], int]:
    """The largest terms drawn, and how many are left out."""
    terms = sorted(found.terms, key=lambda term: -abs(term.sum or 0.0))
    if all(np.size(term.patch) == 1 and term.kernel for term in terms):
        return _in_a_row(terms), found.left_out
    shown = terms[:SHOWN_TERMS]
    several = len({term.source for term in terms}) > 1
    tiles = [tile for term in shown for tile in _of_patch(term, several)]
    return tiles, len(terms) - len(shown) + found.left_out


def _of_patch(term: Term, several: bool) -> list[Tile]:
    """What is read, what it is multiplied with, and the products."""
    patch = np.array(term.patch)
    written = max(patch.shape) <= WRITTEN
    from_ = f"{term.source} " if several and term.source else ""
    label = Text(f"{from_}channel {term.channel}", f"{from_}通道 {term.channel}")
    ends = Scale("viridis", float(np.nanmin(patch)), float(np.nanmax(patch)))
    tiles = [Tile(patch, label, ends, written)]
    if term.kernel is None or term.sum is None:
        return tiles
    kernel = np.array(term.kernel)
    products = np.nan_to_num(patch) * kernel
    summed = Text.same(f"Σ = {short(term.sum)}")
    return [
        *tiles,
        Tile(kernel, TIMES, _around_zero(kernel), written),
        Tile(products, summed, _around_zero(products), written),
    ]


def _in_a_row(terms: Sequence[Term]) -> list[Tile]:
    """Single numbers with their weights and products, one below the other."""
    values = np.array([[term.patch[0][0] for term in terms]])
    weights = np.array([[term.kernel[0][0] for term in terms if term.kernel]])
    products = np.array([[term.sum or 0.0 for term in terms]])
    channels = ", ".join(str(term.channel) for term in terms)
    ends = Scale("viridis", float(values.min()), float(values.max()))
    return [
        Tile(values, Text(f"values {channels}", f"值 {channels}"), ends, True),
        Tile(weights, TIMES, _around_zero(weights), True),
        Tile(products, Text("products", "乘积"), _around_zero(products), True),
    ]


def _around_zero(values: "np.ndarray[tuple[int, ...], np.dtype[np.float64]]") -> Scale:
    most = float(np.abs(values).max()) or 1.0
    return Scale("diverging", -most, most)
