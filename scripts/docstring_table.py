"""Prints the table that belongs into the docstring of a network's module.

    python scripts/docstring_table.py vgg16            # every layer
    python scripts/docstring_table.py vgg16 --depth 2  # blocks
    python scripts/docstring_table.py vgg16 --all      # activations, dropout too

What it prints is what the code builds: compare it with the paper before you paste it.
"""

import argparse
from collections.abc import Iterator

import torch

from convatlas.anatomy import Row, Table, trace
from convatlas.networks import build, find

HEADER = ("name", "operation", "output", "parameters", "MACs", "field")
QUIET = ("activation", "dropout", "reshape")  # not listed without --all


def cells(row: Row) -> tuple[str, ...]:
    return (
        row.name,
        "-" if row.operation == "Sequential" else row.operation,
        row.output_text,
        f"{row.total_parameters:,}",
        f"{row.total_macs:,}",
        row.field_text,
    )


def chosen(table: Table, depth: int, everything: bool) -> Iterator[Row]:
    """Leaves, and the blocks that stand for what lies deeper."""
    for row in table.rows:
        if "()" in row.name or row.depth >= depth:
            continue
        inside = [r for r in table.rows if r.name.startswith(f"{row.name}.")]
        modules = [r for r in inside if "()" not in r.name]
        if modules and row.depth < depth - 1:
            continue
        if everything or row.kind not in QUIET:
            yield row


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="+", help="variants that share one table")
    parser.add_argument("--depth", type=int, default=9, help="2: blocks of features")
    parser.add_argument("--all", action="store_true", help="activations and dropout")
    options = parser.parse_args()
    variant = find(options.names[0])
    with torch.device("meta"):
        table = trace(build(variant.name), variant.input)
    last = [row for row in table.rows if row.depth == 0 and row.called][-1]
    rows = [HEADER, *(cells(r) for r in chosen(table, options.depth, options.all))]
    counts = (f"{table.parameters:,}", f"{table.macs:,}")
    rows.append(("total", "-", last.output_text, *counts, "-"))
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    size = "×".join(map(str, variant.input))
    print(f"{', '.join(options.names)}, input {size}")
    for row in rows:
        left = [text.ljust(width) for text, width in zip(row[:2], widths, strict=False)]
        right = [
            text.rjust(width) for text, width in zip(row[2:], widths[2:], strict=True)
        ]
        print("  ".join((*left, *right)))


if __name__ == "__main__":
    main()
