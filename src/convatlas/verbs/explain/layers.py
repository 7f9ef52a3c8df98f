"""Rows of a layer table by the names that a user gives them."""

import re

from convatlas.anatomy import Row, Table
from convatlas.errors import UnknownName, UsageError


def row_of(table: Table, name: str) -> int:
    """The index of a leaf row; ``"relu#2"`` is the second call of ``relu``.

    A container's name stands for its last row: what leaves it.

    Raises:
        UnknownName: no such row.
        UsageError: a module that was not called, or a call that there was not.
    """
    plain, _, given = name.partition("#")
    call = int(given) if re.fullmatch(r"[1-9]\d{0,3}", given) else 1
    rows = [(i, row) for i, row in enumerate(table.rows) if row.name == plain]
    if not rows or (given and not given.isdecimal()):
        leaves = list(dict.fromkeys(row.name for row in table.leaves if row.called))
        raise UnknownName("layer", name, leaves, "'convatlas show' lists them")
    if call > len(rows):
        times = "once" if len(rows) == 1 else f"{len(rows)} times"
        raise UsageError(f"{name}: {plain} is called {times}; #1 is the first call")
    index, row = rows[call - 1]
    if not row.called or not row.output:
        raise UsageError(f"{name}: the network does not call it in evaluation")
    return index if row.leaf else _last_inside(table, index)


def called(row: Row) -> str:
    """A row's name as ``row_of`` takes it."""
    return row.name if row.call == 1 else f"{row.name}#{row.call}"


def _last_inside(table: Table, index: int) -> int:
    last = index
    for i in range(index + 1, len(table.rows)):
        if table.rows[i].depth <= table.rows[index].depth:
            break
        if table.rows[i].leaf and table.rows[i].called:
            last = i
    return last
