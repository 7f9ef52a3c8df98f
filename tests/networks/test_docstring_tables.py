"""The tables in the docstrings are compared with the traced networks, row by row."""

from collections.abc import Sequence
from functools import cache

import pytest
import torch

from convatlas.anatomy import Table, trace
from convatlas.anatomy.building import without_numbers
from convatlas.networks import Variant, build, find, variants
from convatlas.networks.tables import PrintedRow, PrintedTable, printed_table


@pytest.fixture(params=[variant.name for variant in variants()])
def variant(request: pytest.FixtureRequest) -> Variant:
    return find(request.param)


@cache
def traced(name: str) -> Table:
    network = without_numbers(lambda: build(name))
    with torch.device("meta"):
        return trace(network, find(name).input)


def printed(name: str) -> PrintedTable:
    table = printed_table(find(name))
    assert table is not None, f"{name} has no table in its docstring"
    return table


def differences(rows: Sequence[PrintedRow], table: Table) -> list[str]:
    """Where printed rows and a traced network are not the same, in words."""
    found = []
    for told in rows:
        try:
            row = table.row(told.name)
        except KeyError:
            found.append(f"{told.name} is not in the network")
            continue
        real = PrintedRow(
            row.name,
            "-" if told.operation == "-" and not row.leaf else row.operation,
            row.output_text,
            f"{row.total_parameters:,}",
            f"{row.total_macs:,}",
            row.field_text,
        )
        if real != told:
            found.append(f"{real} is printed as {told}")
    return found


def test_table_of_the_docstring_is_the_network(variant: Variant) -> None:
    table, network = printed(variant.name), traced(variant.name)
    assert table.input == variant.input
    assert len(table.rows) >= 4
    assert differences(table.rows, network) == []
    assert (table.parameters, table.macs) == (network.parameters, network.macs)
    last = [row for row in network.rows if row.depth == 0 and row.called][-1]
    assert table.total.output == last.output_text


def test_table_leaves_nothing_out(variant: Variant) -> None:
    """The rows cover the network: their parameters and MACs add up to the total."""
    table = printed(variant.name)
    names = {row.name for row in table.rows}
    outer = [
        row
        for row in table.rows
        if not any(row.name.startswith(f"{name}.") for name in names)
    ]
    for count in (PrintedTable.parameters, PrintedTable.macs):
        rows = [table._replace(total=row) for row in outer]
        assert sum(count.fget(row) for row in rows) == count.fget(table)


@pytest.mark.parametrize("column", range(len(PrintedRow._fields)))
def test_a_wrong_cell_is_found(column: int) -> None:
    table = printed("lenet5-tanh")
    wrong = list(table.rows[0])
    wrong[column] += "1"
    found = differences([PrintedRow(*wrong), *table.rows[1:]], traced("lenet5-tanh"))
    assert len(found) == 1
    if column == 0:
        assert found == ["features.conv11 is not in the network"]


def test_functions_outside_modules_are_parts_of_a_formula(variant: Variant) -> None:
    """No layer, activation, pooling, sum of branches or concatenation is hidden."""
    table = traced(variant.name)
    for row in table.rows:
        if row.name.endswith("()"):
            assert row.kind in ("matmul", "join", "reshape", "other"), row.name
            assert row.operation not in ("concat", "stack"), row.name
            parent = row.name.rpartition(".")[0]
            assert table.row(parent).operation != "Sequential", row.name


REFERENCE = """
lenet5               60,000 -
lenet5-sigmoid       61,706 -
alexnet-gray     46,764,746 -
alexnet          60,965,224 -
alexnet-owt      61,100,840  0.714
vgg11           132,863,336  7.609
vgg13           133,047,848 11.308
vgg16           138,357,544 15.470
vgg19           143,667,240 19.632
nin-cifar10         966,986  0.222
googlenet-tv      6,624,904  1.498
inception-v3     27,161,264  5.713
inception-v4     42,679,816 -
inception-resnet-v2 55,843,464 -
resnet18         11,689,512  1.814
resnet34         21,797,672  3.664
resnet50         25,557,032  4.089
resnet101        44,549,160 -
resnet152        60,192,808 -
densenet121       7,978,856  2.834
densenet161      28,681,000  7.728
densenet169      14,149,480  3.360
densenet201      20,013,928  4.291
"""


@pytest.mark.parametrize("line", REFERENCE.strip().split("\n"))
def test_counts_that_others_have_published(line: str) -> None:
    name, parameters, billions = line.split()
    table = printed(name)
    assert f"{table.parameters:,}" == parameters
    if billions != "-":
        assert f"{table.macs / 1e9:.3f}" == billions
