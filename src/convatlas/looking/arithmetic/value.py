"""One value of a layer's output with all that it was made of, as frozen values."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from convatlas.looking.wording import Text

MOST_TERMS = 16  # that are shown one by one, the largest first

Box = tuple[int, int, int, int]  # top, left, bottom, right; the last ones included
Grid = tuple[tuple[float, ...], ...]


@dataclass(frozen=True)
class Term:
    """What one channel of the layer before contributes.

    Attributes:
        channel: of the layer before; of a vector the place in it.
        rows: of the patch, in the map before; outside of it where padding is read.
        columns: likewise.
        patch: the values that are read, by row; NaN where there is nothing to read.
        kernel: what each is multiplied with; None where nothing is.
        sum: what is contributed to the value; None where there is no sum.
        source: the layer before, by name; ``"input"`` is the picture.
    """

    channel: int
    rows: tuple[int, ...]
    columns: tuple[int, ...]
    patch: Grid
    kernel: Grid | None = None
    sum: float | None = None
    source: str | None = None


@dataclass(frozen=True)
class Step:
    """What an operation did for one unit.

    Attributes:
        kind: ``"conv"``, ``"fc"``, ``"pool"``, ``"activation"``, ``"norm"``,
            ``"join"``, ``"copy"``, ``"attention"``, ``"sum"`` (weighted), ``"other"``
            (a function of several values).
        total: the value worked out from the terms, in double precision; None where it
            cannot be.
        terms: what was read.
        formula: in one line, numbers and a few words.
        text: a sentence.
        bias: added at the end; None where there is none.
        region: the patch in the maps before, cut to them; None for vectors.
    """

    kind: str
    total: float | None
    terms: tuple[Term, ...]
    formula: Text
    text: Text
    bias: float | None = None
    region: Box | None = None


@dataclass(frozen=True, kw_only=True)
class Arithmetic(Step):
    """How one value came about: a step, whose it is, and the largest of its terms.

    Attributes:
        layer: name of the row.
        operation: in short.
        unit: its place in the output, one number a dimension.
        value: as the network computed it.
        others: sum of the contributions that are not among the terms, of which the
            largest come first; None where none was left out or nothing is summed.
        left_out: how many terms those are.
        source: the layer before; None where several or unknown.
    """

    layer: str
    operation: str
    unit: tuple[int, ...]
    value: float
    others: float | None = None
    left_out: int = 0
    source: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Plain values; what is not there is None."""
        return {
            "layer": self.layer,
            "operation": self.operation,
            "unit": list(self.unit),
            "value": _plain(self.value),
            "kind": self.kind,
            "total": None if self.total is None else _plain(self.total),
            "terms": [_term(term) for term in self.terms],
            "others": self.others,
            "left_out": self.left_out,
            "bias": self.bias,
            "formula": self.formula._asdict(),
            "region": None if self.region is None else list(self.region),
            "source": self.source,
            "text": self.text._asdict(),
        }


def shortened(terms: Sequence[Term]) -> tuple[tuple[Term, ...], float | None, int]:
    """The largest terms, the sum of all others and their number."""
    if len(terms) <= MOST_TERMS:
        return tuple(terms), None, 0
    ordered = sorted(terms, key=lambda t: -abs(t.sum or 0.0))
    kept, rest = ordered[:MOST_TERMS], ordered[MOST_TERMS:]
    summed = all(term.sum is not None for term in rest)
    others = sum(term.sum or 0.0 for term in rest) if summed else None
    return tuple(kept), others, len(rest)


def within(rows: Sequence[int], columns: Sequence[int], height: int, width: int) -> Box:
    """The box of a patch, cut to a map."""
    return (
        min(max(min(rows), 0), height - 1),
        min(max(min(columns), 0), width - 1),
        max(min(max(rows), height - 1), 0),
        max(min(max(columns), width - 1), 0),
    )


def named(terms: Sequence[Term], source: str | None) -> tuple[Term, ...]:
    """Terms that all come from one layer."""
    return tuple(replace(term, source=source) for term in terms)


def _term(term: Term) -> dict[str, Any]:
    return {
        "channel": term.channel,
        "rows": list(term.rows),
        "columns": list(term.columns),
        "patch": [[_plain(value) for value in row] for row in term.patch],
        "kernel": None if term.kernel is None else [list(row) for row in term.kernel],
        "sum": term.sum,
        "source": term.source,
    }


def _plain(value: float) -> float | None:
    """JSON knows neither NaN nor infinity."""
    return value if isfinite(value) else None
