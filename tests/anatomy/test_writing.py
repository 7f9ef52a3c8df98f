"""Layer tables as text."""

import csv
import io
import json

import pytest
from torch import nn

from convatlas.anatomy import Table, trace
from convatlas.anatomy.writing import (
    as_csv,
    as_dict,
    as_markdown,
    readable_depth,
    rows_to,
    share_text,
    si,
)


@pytest.fixture
def table() -> Table:
    inner = nn.Sequential(nn.Conv2d(1, 6, 5), nn.ReLU())
    return trace(nn.Sequential(inner, nn.Flatten(), nn.Linear(96, 10)), (1, 8, 8))


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (840, "840"),
        (999.9, "1.00 k"),
        (61_706, "61.7 k"),
        (138_357_544, "138 M"),
        (1_849_688_064, "1.85 G"),
        (16.7e12, "16.7 T"),
    ],
)
def test_three_figures_and_a_unit(number: float, text: str) -> None:
    assert si(number) == text


@pytest.mark.parametrize(
    ("part", "text"),
    [(0, ""), (1, "<1 %"), (12, "1 %"), (500, "50 %"), (1000, "100 %")],
)
def test_shares(part: int, text: str) -> None:
    assert share_text(part, 1000) == text


def test_no_share_of_nothing() -> None:
    assert share_text(0, 0) == ""


def test_markdown(table: Table) -> None:
    assert as_markdown(table).splitlines() == [
        "| layer | operation | output | parameters | MACs | activations, bytes "
        "| field |",
        "|---|---|--:|--:|--:|--:|--:|",
        "| `0` | Sequential | 6×4×4 | *156* | *2,400* | 384 | 5 |",
        "| `0.0` | conv 1→6 k5 | 6×4×4 | 156 | 2,400 | 384 | 5 |",
        "| `0.1` | relu | 6×4×4 | 0 | 0 | 384 | 5 |",
        "| `1` | flatten | 96 | 0 | 0 | 384 | 5 |",
        "| `2` | fc 96→10 | 10 | 970 | 960 | 40 | all |",
        "| **total** | | | **1,126** | **3,360** | **1,192** | |",
    ]


def test_a_folded_container_has_its_sums_upright(table: Table) -> None:
    line = as_markdown(table, depth=1).splitlines()[2]
    assert line == "| `0` | Sequential | 6×4×4 | 156 | 2,400 | 384 | 5 |"


def test_json_holds_all_and_can_be_read_back(table: Table) -> None:
    values = json.loads(json.dumps(as_dict(table)))
    assert (values["parameters"], values["macs"], values["layers"]) == (1126, 3360, 2)
    conv = values["rows"][1]
    assert conv["field"] == {"size": [5, 5], "stride": [1, 1], "offset": [0, 0]}
    assert values["edges"] == [[-1, 1], [1, 2], [2, 3], [3, 4]]
    assert sum(row["parameters"] for row in values["rows"]) == 1126


def test_csv_has_a_line_per_row(table: Table) -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv(table))))
    assert [row["name"] for row in rows] == ["0", "0.0", "0.1", "1", "2"]
    assert (rows[1]["output"], rows[1]["field_width"]) == ("6x4x4", "5")
    assert (rows[4]["sees"], rows[4]["field_height"]) == ("all", "")


def test_rows_down_to_a_depth(table: Table) -> None:
    assert [(r.name, folded) for r, folded in rows_to(table, 1)] == [
        ("0", True),
        ("1", False),
        ("2", False),
    ]
    assert len(rows_to(table)) == len(rows_to(table, 9)) == 5


def test_a_long_table_is_not_opened_by_itself(table: Table) -> None:
    assert readable_depth(table) == 2
    blocks = [nn.Sequential(nn.ReLU(), nn.ReLU(), nn.ReLU()) for _ in range(30)]
    assert readable_depth(trace(nn.Sequential(*blocks), (1, 4, 4))) == 1
