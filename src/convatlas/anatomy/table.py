"""What the anatomy of a network is made of, as frozen values."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """The receptive field of a unit, in pixels of the input.

    Attributes:
        size: (height, width) of the patch that one unit sees.
        stride: (vertical, horizontal) distance between the patches of neighbours.
        offset: (vertical, horizontal) position of the first unit's patch, its first
            pixel; negative where padding is seen.
    """

    size: tuple[int, int]
    stride: tuple[int, int]
    offset: tuple[int, int]


@dataclass(frozen=True)
class Row:
    """One call of one module (or of a function outside any leaf module).

    Attributes:
        name: dotted path of the module, e.g. ``"features.conv1"``.
        operation: in short, e.g. ``"conv 1→6 k5 p2"``, ``"max 2/2"``, ``"fc 400→120"``.
        output: shape of one picture's output, e.g. (6, 28, 28) or (120,).
        parameters: own ones, each counted where it is first used.
        macs: multiply-accumulates for one picture.
        activation_bytes: of the output of one picture.
        field: of one unit of the output; None where every unit sees everything or
            where it cannot be told.
        depth: how many modules are around this one.
        leaf: whether nothing inside is a row of its own.
    """

    name: str
    operation: str
    output: tuple[int, ...]
    parameters: int
    macs: int
    activation_bytes: int
    field: Field | None
    depth: int
    leaf: bool


@dataclass(frozen=True)
class Table:
    """All rows of a network in the order of the calls, containers before contents."""

    input: tuple[int, ...]
    rows: tuple[Row, ...]
    parameters: int
    macs: int

    def row(self, name: str) -> Row:
        """The first row of that name; KeyError if there is none."""
        for row in self.rows:
            if row.name == name:
                return row
        raise KeyError(name)
