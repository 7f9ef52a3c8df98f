"""The tables of layers in the docstrings, read back.

Their form is described in the docstring of ``convatlas.networks``; a test compares
every row with the network, so the figures can be told without building anything.
"""

import inspect
import re
import sys
from typing import NamedTuple

from convatlas.networks.registry import Variant

TITLE = re.compile(r"([a-z0-9-]+(?:, [a-z0-9-]+)*), input (\d+)×(\d+)×(\d+)")


class PrintedRow(NamedTuple):
    """A row as it stands in the docstring: six texts."""

    name: str
    operation: str
    output: str
    parameters: str
    macs: str
    field: str


HEADER = PrintedRow("name", "operation", "output", "parameters", "MACs", "field")


class PrintedTable(NamedTuple):
    """The table of a variant.

    Attributes:
        input: (channels, height, width).
        rows: of layers and blocks.
        total: the last one, of the network.
    """

    input: tuple[int, int, int]
    rows: tuple[PrintedRow, ...]
    total: PrintedRow

    @property
    def parameters(self) -> int:
        """Of the network."""
        return int(self.total.parameters.replace(",", ""))

    @property
    def macs(self) -> int:
        """Of the network, for one picture."""
        return int(self.total.macs.replace(",", ""))


def printed_table(variant: Variant) -> PrintedTable | None:
    """The table of a variant; None where docstrings are left out (``python -OO``)."""
    doc = sys.modules[variant.build.__module__].__doc__
    return tables(doc).get(variant.name) if doc else None


def tables(doc: str) -> dict[str, PrintedTable]:
    """Every table of a docstring, by variant.

    Raises:
        ValueError: a variant has two tables, or a table another form.
    """
    found: dict[str, PrintedTable] = {}
    lines = [line.strip() for line in inspect.cleandoc(doc).split("\n")]
    for number, line in enumerate(lines):
        title = TITLE.fullmatch(line)
        if title is None:
            continue
        block = lines[number + 1 :]
        block = block[: block.index("")] if "" in block else block
        rows = [_row(text) for text in block]
        if len(rows) < 3 or rows[0] != HEADER or rows[-1].name != "total":
            raise ValueError(f"{line!r}: a table has a header, rows and a total")
        size = (int(title[2]), int(title[3]), int(title[4]))
        for name in title[1].split(", "):
            if name in found:
                raise ValueError(f"{name} has two tables")
            found[name] = PrintedTable(size, tuple(rows[1:-1]), rows[-1])
    return found


def _row(text: str) -> PrintedRow:
    cells = re.split(r"\s{2,}", text)
    if len(cells) != len(HEADER):
        raise ValueError(f"{text!r} has {len(cells)} columns, not {len(HEADER)}")
    return PrintedRow(*cells)
