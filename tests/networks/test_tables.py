"""Reading the tables of docstrings."""

from dataclasses import replace

import pytest

from convatlas.networks import find
from convatlas.networks.tables import printed_table, tables

TWO = """A family.

small, tiny, input 1×28×28
name           operation      output   parameters   MACs    field
features.conv  conv 1→6 k5    6×24×24          156  86,400      5
head.fc        fc 3456→2      2          6,914       6,912    all
total          -              2          7,070      93,312      -

Departures from the paper: none.
"""


def test_variants_may_share_a_table() -> None:
    found = tables(TWO)
    assert list(found) == ["small", "tiny"]
    table = found["tiny"]
    assert table.input == (1, 28, 28)
    assert [row.name for row in table.rows] == ["features.conv", "head.fc"]
    assert table.rows[0].operation == "conv 1→6 k5"
    assert (table.parameters, table.macs) == (7_070, 93_312)


def test_a_table_at_the_end() -> None:
    assert tables(TWO[: TWO.index("Departures")].strip())["small"].macs == 93_312


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (("  parameters", ""), "has 5 columns, not 6"),
        (("total ", "sum   "), "a table has a header, rows and a total"),
        (("small, tiny", "tiny, tiny"), "tiny has two tables"),
    ],
)
def test_another_form(change: tuple[str, str], text: str) -> None:
    with pytest.raises(ValueError, match=text):
        tables(TWO.replace(*change))


def test_a_variant_without_a_table() -> None:
    assert printed_table(find("lenet5")) is not None
    assert printed_table(replace(find("lenet5"), name="lenet6")) is None
