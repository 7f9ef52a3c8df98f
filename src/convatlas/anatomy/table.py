"""What the anatomy of a network is made of, as frozen values."""

from dataclasses import dataclass
from dataclasses import field as field_
from typing import Literal

from convatlas.anatomy.axis import Reach

Kind = Literal[
    "container",
    "conv",
    "fc",
    "matmul",
    "pool",
    "norm",
    "activation",
    "dropout",
    "join",
    "reshape",
    "other",
]
Sees = Literal["patch", "all", "unknown", "nothing"]


@dataclass(frozen=True)
class Field:
    """The receptive field of a unit, in pixels of the input.

    Attributes:
        size: (height, width) of the patch that one unit sees; where units differ (after
            up-sampling) the largest.
        stride: (vertical, horizontal) distance between the patches of neighbours; a
            fraction after up-sampling; 0 where there is but one unit or where they no
            longer lie on a grid (flattened).
        offset: (vertical, horizontal) position of the first unit's patch, its first
            pixel; negative where padding is seen.
    """

    size: tuple[int, int]
    stride: tuple[float, float]
    offset: tuple[int, int]


@dataclass(frozen=True)
class Row:
    """One call of one module (or of a function outside any leaf module).

    Attributes:
        name: dotted path of the module, e.g. ``"features.conv1"``; of a function the
            path of the module that calls it and its name, e.g. ``"block1.add()"``.
        operation: in short, e.g. ``"conv 1→6 k5 p2"``, ``"max 2/2"``, ``"fc 400→120"``.
        output: shape of one picture's output, e.g. (6, 28, 28) or (120,); the first
            tensor where there are several.
        parameters: own ones, each counted where it is first used.
        macs: own multiply-accumulates for one picture.
        activation_bytes: of the output (all of its tensors) of one picture.
        field: of one unit of the output; None where every unit sees everything or
            where it cannot be told, see ``sees``.
        depth: how many modules are around this one, the network itself not counted.
        leaf: whether nothing inside is a row of its own.
        kind: of the operation.
        sees: a patch, everything, something that cannot be told, nothing of the input.
        input: shape of one picture's first input.
        outputs: shapes of all tensors of the output.
        total_parameters: own ones and those of all rows inside.
        total_macs: own ones and those of all rows inside.
        call: 1 for the first call of this name, 2 for the second ...
        called: False for a module that holds parameters and was never called.
        reach: what ``field`` was read from, exact for each unit.
        order: which of the calls of leaf modules it was, or, where a container calls a
            function, which of those; counted from 0, also calls that have no row. -1:
            an operation that no function stands for.
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
    kind: Kind = "other"
    sees: Sees = "unknown"
    input: tuple[int, ...] = ()
    outputs: tuple[tuple[int, ...], ...] = ()
    total_parameters: int = 0
    total_macs: int = 0
    call: int = 1
    called: bool = True
    reach: Reach = field_(default=(), repr=False)
    order: int = field_(default=-1, repr=False)

    def patch(self, unit: tuple[int, int]) -> tuple[int, int, int, int] | None:
        """The pixels one unit sees: (top, left, bottom, right), the last ones included.

        Beyond the border of the input where padding is seen; None where nothing smaller
        than the whole input is known.

        Args:
            unit: (row, column) in the output.
        """
        if self.field is None or len(self.reach) != 2:
            return None
        spans = [
            axis.span(place) if axis.first and not axis.count else None
            for axis, place in zip(self.reach, unit, strict=True)
        ]
        if spans[0] is None or spans[1] is None:
            return None
        return spans[0][0], spans[1][0], spans[0][1], spans[1][1]

    @property
    def field_text(self) -> str:
        """The size of the field: ``"14"``, ``"14×28"``, ``"all"``, ``"?"`` or "–"."""
        if self.field is None:
            return {"all": "all", "nothing": "–"}.get(self.sees, "?")
        height, width = self.field.size
        return str(height) if height == width else f"{height}×{width}"

    @property
    def output_text(self) -> str:
        """``"6×28×28"``."""
        return "×".join(map(str, self.output)) or ("1" if self.called else "–")


@dataclass(frozen=True)
class Table:
    """All rows of a network in the order of the calls, containers before contents.

    Attributes:
        input: (channels, height, width).
        rows: one per call; modules that hold parameters and were never called last.
        parameters: each counted once, called or not: ``sum(p.numel())``.
        macs: multiply-accumulates for one picture; half of what
            ``torch.utils.flop_counter`` counts.
        name: class of the network.
        edges: (from, to), indices of leaf rows; -1 is the input.
        ends: indices of the rows that make the network's output.
        activation_bytes: of all leaf outputs, the input not counted.
        parameter_bytes: as stored now.
    """

    input: tuple[int, ...]
    rows: tuple[Row, ...]
    parameters: int
    macs: int
    name: str = ""
    edges: tuple[tuple[int, int], ...] = field_(default=(), repr=False)
    ends: tuple[int, ...] = field_(default=(), repr=False)
    activation_bytes: int = 0
    parameter_bytes: int = 0

    def row(self, name: str) -> Row:
        """The first row of that name; KeyError if there is none."""
        for row in self.rows:
            if row.name == name:
                return row
        raise KeyError(name)

    @property
    def leaves(self) -> tuple[Row, ...]:
        """The rows with nothing inside, in the order of the calls."""
        return tuple(row for row in self.rows if row.leaf)

    @property
    def layers(self) -> int:
        """Convolutional and fully connected layers one after the other, the longest."""
        longest: dict[int, int] = {-1: 0}
        for source, target in sorted(self.edges, key=lambda edge: edge[1]):
            weighs = self.rows[target].kind in ("conv", "fc")
            here = longest.get(source, 0) + weighs
            longest[target] = max(longest.get(target, 0), here)
        return max(longest.values())
