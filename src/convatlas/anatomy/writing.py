"""A layer table as text: which rows, and as Markdown, JSON and CSV."""

import csv
import io
from dataclasses import asdict
from typing import Any

from convatlas.anatomy.table import Row, Table

READABLE = 80  # rows; a table gets only as deep as this by itself


def rows_to(table: Table, depth: int | None = None) -> list[tuple[Row, bool]]:
    """The rows down to a depth, each with whether its insides are left out.

    Args:
        table: of a network.
        depth: levels of names; None takes all.
    """
    if depth is None:
        return [(row, False) for row in table.rows]
    return [
        (row, not row.leaf and row.depth == depth - 1)
        for row in table.rows
        if row.depth < depth
    ]


def readable_depth(table: Table) -> int:
    """The deepest that still gives a table one can read."""
    deepest = 1 + max((row.depth for row in table.rows), default=0)
    for depth in range(deepest, 1, -1):
        if sum(row.depth < depth for row in table.rows) <= READABLE:
            return depth
    return 1


def si(number: float) -> str:
    """Three figures and a unit: ``"1.85 G"``, ``"61.7 k"``, ``"0"``."""
    for unit, size in (("T", 1e12), ("G", 1e9), ("M", 1e6), ("k", 1e3)):
        if abs(number) >= 0.9995 * size:
            value = number / size
            digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
            return f"{value:.{digits}f} {unit}"
    return f"{number:g}"


def share_text(part: float, whole: float) -> str:
    """A share in percent, blank for nothing: ``"12 %"``, ``"<1 %"``."""
    if not part or not whole:
        return ""
    percent = 100 * part / whole
    return f"{percent:.0f} %" if percent >= 0.95 else "<1 %"


def as_markdown(table: Table, depth: int | None = None) -> str:
    """A table for a README; sums of a container in italics."""
    lines = [
        "| layer | operation | output | parameters | MACs | activations, bytes "
        "| field |",
        "|---|---|--:|--:|--:|--:|--:|",
    ]
    for row, folded in rows_to(table, depth):
        name = row.name + (f" ({row.call})" if row.call > 1 else "")
        numbers = [f"{row.total_parameters:,}", f"{row.total_macs:,}"]
        if not row.leaf and not folded:
            numbers = [f"*{number}*" for number in numbers]
        cells = [f"`{name}`", row.operation, row.output_text, *numbers]
        cells += [f"{row.activation_bytes:,}", row.field_text]
        lines.append("| " + " | ".join(cells) + " |")
    total = f"**{table.parameters:,}** | **{table.macs:,}**"
    lines.append(f"| **total** | | | {total} | **{table.activation_bytes:,}** | |")
    return "\n".join(lines)


def as_dict(table: Table, depth: int | None = None) -> dict[str, Any]:
    """All values as JSON takes them."""
    return {
        "network": table.name,
        "input": list(table.input),
        "parameters": table.parameters,
        "macs": table.macs,
        "layers": table.layers,
        "parameter_bytes": table.parameter_bytes,
        "activation_bytes": table.activation_bytes,
        "rows": [_plain(row) for row, _ in rows_to(table, depth)],
        "edges": [list(edge) for edge in table.edges],
    }


def as_csv(table: Table, depth: int | None = None) -> str:
    """A line per row, with a head."""
    lines = [_flat(row) for row, _ in rows_to(table, depth)]
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(_COLUMNS), lineterminator="\n")
    writer.writeheader()
    writer.writerows(lines)
    return buffer.getvalue().removesuffix("\n")


_COLUMNS = (
    *("name", "call", "operation", "kind", "depth", "leaf", "input", "output"),
    *("parameters", "total_parameters", "macs", "total_macs", "activation_bytes"),
    *("sees", "field_height", "field_width", "stride_y", "stride_x"),
    *("offset_y", "offset_x"),
)


def _plain(row: Row) -> dict[str, Any]:
    values = asdict(row)
    del values["reach"]
    return values


def _flat(row: Row) -> dict[str, Any]:
    values = _plain(row)
    names = ("field_height", "field_width", "stride_y", "stride_x")
    if row.field is not None:
        field = row.field
        numbers = (*field.size, *field.stride, *field.offset)
        values |= dict(zip((*names, "offset_y", "offset_x"), numbers, strict=True))
    values["input"] = "x".join(map(str, row.input))
    values["output"] = "x".join(map(str, row.output))
    return {name: values.get(name, "") for name in _COLUMNS}
