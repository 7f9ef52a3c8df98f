"""The layers of a network as a page draws them: branches, skips, foldable stages."""

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    from convatlas.anatomy import Row, Table

SMALL = 4  # layers; parts of ``features`` no larger than this share a stage
FINISH = ("pool", "dropout")  # alone they are no stage


class Layer(BaseModel):
    """A layer: a call of a module, or of a function outside any."""

    index: int
    name: str
    operation: str
    kind: str
    shape: list[int]
    parameters: int
    macs: int
    field: str
    stride: list[float] | None
    stage: str


class Stage(BaseModel):
    """Layers from ``first`` to ``last``, which a page may fold."""

    name: str
    first: int
    last: int


class Structure(BaseModel):
    """A network; ``edges`` are pairs of layers, -1 is the input."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "input": [1, 28, 28],
                    "layers": [
                        {
                            "index": 0,
                            "name": "features.conv1",
                            "operation": "conv 1→6 k5 p2",
                            "kind": "conv",
                            "shape": [6, 28, 28],
                            "parameters": 156,
                            "macs": 117600,
                            "field": "5",
                            "stride": [1, 1],
                            "stage": "features",
                        }
                    ],
                    "edges": [[-1, 0]],
                    "stages": [{"name": "features", "first": 0, "last": 0}],
                    "parameters": 156,
                    "macs": 117600,
                }
            ]
        }
    )

    input: list[int]
    layers: list[Layer]
    edges: list[tuple[int, int]]
    stages: list[Stage]
    parameters: int
    macs: int


def structure_of(table: "Table") -> Structure:
    """What a page draws of a traced network."""
    numbered = shown_rows(table)
    place = {old: new for new, (old, _) in enumerate(numbered)} | {-1: -1}
    rows = [row for _, row in numbered]
    stages = stages_of([row.name for row in rows], [row.kind for row in rows])
    stage = [one.name for one in stages for _ in range(one.first, one.last + 1)]
    return Structure(
        input=list(table.input),
        layers=[_layer(i, row, stage[i]) for i, row in enumerate(rows)],
        edges=sorted({(place[a], place[b]) for a, b in table.edges}),
        stages=stages,
        parameters=table.parameters,
        macs=table.macs,
    )


def shown_rows(table: "Table") -> list[tuple[int, "Row"]]:
    """The leaf rows that are called, each with its place in the table."""
    return [(i, row) for i, row in enumerate(table.rows) if row.leaf and row.called]


def shown_name(row: "Row") -> str:
    """The name by which a page knows a row: ``"head.fc (2)"`` for a second call."""
    return row.name + (f" ({row.call})" if row.call > 1 else "")


class _Part(NamedTuple):
    """Layers ``first`` to before ``end`` with one path; small ones may be joined."""

    path: str
    first: int
    end: int
    small: bool


def stages_of(names: Sequence[str], kinds: Sequence[str]) -> list[Stage]:
    """Stages of a network by the names of its layers.

    What lies directly in ``features`` is a stage, and so is everything else at the top;
    small parts of ``features`` in a row are one together, and poolings between two
    stages belong to the one before.

    Args:
        names: dotted paths, in the order of the calls.
        kinds: of the layers.
    """
    joined: list[list[_Part]] = []
    for small, run in groupby(_parts(names), key=lambda part: part.small):
        together = list(run)
        joined += [together] if small else [[part] for part in together]
    stages: list[Stage] = []
    in_features = {path for path in names if path.startswith("features.")}
    for parts in joined:
        first, last = parts[0].first, parts[-1].end - 1
        finishes = all(kind in FINISH for kind in kinds[first : last + 1])
        if stages and finishes and names[stages[-1].last] in in_features:
            stages[-1].last = last
            continue
        stages.append(Stage(name=_name(parts), first=first, last=last))
    alone = [one for one in stages if names[one.first] in in_features]
    if len(alone) == 1:
        alone[0].name = "features"
    return stages


def _parts(names: Sequence[str]) -> list[_Part]:
    parts = []
    numbered = enumerate(names)
    for path, group in groupby(numbered, key=lambda pair: _top(pair[1])):
        places = [i for i, _ in group]
        inside = path.startswith("features.") or path == names[places[0]]
        small = inside and len(places) <= SMALL
        parts.append(_Part(path, places[0], places[-1] + 1, small))
    return parts


def _top(name: str) -> str:
    steps = name.split(".")
    return ".".join(steps[: 2 if steps[0] == "features" else 1])


def _name(parts: list[_Part]) -> str:
    """``features.conv1a … conv4a`` for several parts."""
    first, last = parts[0].path, parts[-1].path
    return first if first == last else f"{first} … {last.rpartition('.')[2]}"


def _layer(index: int, row: "Row", stage: str) -> Layer:
    return Layer(
        index=index,
        name=shown_name(row),
        operation=row.operation,
        kind=row.kind,
        shape=list(row.output),
        parameters=row.parameters,
        macs=row.macs,
        field=row.field_text,
        stride=None if row.field is None else list(row.field.stride),
        stage=stage,
    )
