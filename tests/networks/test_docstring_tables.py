"""The tables in the docstrings are compared with the traced networks, row by row."""

import inspect
import re
import sys
from functools import cache
from typing import NamedTuple

import pytest
import torch

from convatlas.anatomy import Table, trace
from convatlas.networks import Variant, build, find, variants


@pytest.fixture(params=[variant.name for variant in variants()])
def variant(request: pytest.FixtureRequest) -> Variant:
    return find(request.param)


@cache
def traced(name: str) -> Table:
    with torch.device("meta"):
        return trace(build(name), find(name).input)


def printed(variant: Variant) -> tuple[str, list["Printed"]]:
    """Input and rows of the table of a variant, from the module that builds it."""
    return tables(sys.modules[variant.build.__module__].__doc__ or "")[variant.name]


class Printed(NamedTuple):
    """A row of a table as it stands in a docstring."""

    name: str
    operation: str
    output: str
    parameters: str
    macs: str
    field: str


TITLE = re.compile(r"([a-z0-9-]+(?:, [a-z0-9-]+)*), input (\d+×\d+×\d+)")
HEADER = Printed("name", "operation", "output", "parameters", "MACs", "field")


def tables(doc: str) -> dict[str, tuple[str, list[Printed]]]:
    """The input and the rows of every table of a docstring, by variant."""
    found = {}
    lines = [line.strip() for line in inspect.cleandoc(doc).split("\n")]
    for number, line in enumerate(lines):
        title = TITLE.fullmatch(line)
        if title is None:
            continue
        end = lines.index("", number) if "" in lines[number:] else len(lines)
        cells = [re.split(r"\s{2,}", row) for row in lines[number + 1 : end]]
        rows = [Printed(*row) for row in cells]
        assert rows[0] == HEADER
        for name in title[1].split(", "):
            assert name not in found
            found[name] = (title[2], rows[1:])
    return found


def differences(rows: list[Printed], table: Table) -> list[str]:
    """Where a printed table and a traced network are not the same, in words."""
    found = []
    for told in rows[:-1]:
        try:
            row = table.row(told.name)
        except KeyError:
            found.append(f"{told.name} is not in the network")
            continue
        operation = row.operation
        if told.operation == "-" and not row.leaf:
            operation = "-"
        real = Printed(
            row.name,
            operation,
            row.output_text,
            f"{row.total_parameters:,}",
            f"{row.total_macs:,}",
            row.field_text,
        )
        if real != told:
            found.append(f"{real} is printed as {told}")
    last = [row for row in table.rows if row.depth == 0 and row.called][-1]
    counts = (f"{table.parameters:,}", f"{table.macs:,}")
    total = Printed("total", "-", last.output_text, *counts, "-")
    if rows[-1] != total:
        found.append(f"{total} is printed as {rows[-1]}")
    return found


def test_table_of_the_docstring_is_the_network(variant: Variant) -> None:
    size, rows = printed(variant)
    assert size == "×".join(map(str, variant.input))
    assert len(rows) >= 5
    assert differences(rows, traced(variant.name)) == []


def test_table_leaves_no_parameters_out(variant: Variant) -> None:
    """The rows cover the network: their parameters and MACs add up to the total."""
    _, rows = printed(variant)
    outer = [
        row
        for row in rows[:-1]
        if not any(row.name.startswith(f"{other.name}.") for other in rows)
    ]
    for column in (Printed._fields.index("parameters"), Printed._fields.index("macs")):
        numbers = [int(row[column].replace(",", "")) for row in outer]
        assert sum(numbers) == int(rows[-1][column].replace(",", ""))


@pytest.mark.parametrize("column", range(len(Printed._fields)))
def test_a_wrong_cell_is_found(column: int) -> None:
    _, rows = printed(find("lenet5-tanh"))
    wrong = list(rows[0])
    wrong[column] += "1"
    assert differences([Printed(*wrong), *rows[1:]], traced("lenet5-tanh"))


def test_a_module_that_is_not_there_is_found() -> None:
    _, rows = printed(find("mnist-cnn"))
    wrong = rows[0]._replace(name="features.conv9")
    assert differences([wrong, *rows[1:]], traced("mnist-cnn")) == [
        "features.conv9 is not in the network"
    ]


def test_functions_outside_modules_are_parts_of_a_formula(variant: Variant) -> None:
    """No layer, activation, pooling, sum of branches or concatenation is hidden."""
    table = traced(variant.name)
    for row in table.rows:
        if row.name.endswith("()"):
            assert row.kind in ("matmul", "join", "reshape", "other"), row.name
            assert row.operation not in ("concat", "stack"), row.name
            parent = row.name.rpartition(".")[0]
            assert table.row(parent).operation != "Sequential", row.name
