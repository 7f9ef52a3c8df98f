"""What a diagram shows: layers, and whole blocks where single layers would be too many.

Normalisation, activations and dropout belong to the layer before them (a skip that
leaves between the two is drawn from the same place). Containers are
opened, outermost first and all of a class at once, as long as the picture stays
readable; those that stay closed are drawn as one volume, equal ones after each other
once, and what is inside them in a panel of its own.
"""

import re
from dataclasses import dataclass, field

from convatlas.anatomy.table import Row, Table

MOST_NODES = 36  # of the picture; beyond it blocks stay closed
MOST_INSIDE = 14  # of a panel
MOST_PANELS = 6
SMALL = 5  # layers; a container of so few is opened with the one around it
ABSORBED = ("norm", "activation", "dropout", "reshape")


@dataclass
class Node:
    """A volume or a join.

    Attributes:
        kind: of the row; "block" for a closed container, "input" for what comes in.
        title: first line of the label.
        detail: second line.
        shape: of the output.
        tags: operations that were absorbed.
        rows: index of the first row, and of the one after the last.
        times: how many equal ones it stands for.
        about: all that is known, for the pointer.
    """

    kind: str
    title: str
    detail: str
    shape: tuple[int, ...]
    rows: tuple[int, int]
    tags: list[str] = field(default_factory=list)
    times: int = 1
    about: str = ""


@dataclass(frozen=True)
class Scene:
    """Nodes in the order of the calls, and edges between them by their indices."""

    title: str
    nodes: list[Node]
    edges: list[tuple[int, int]]


def scenes(table: Table, title: str) -> list[Scene]:
    """The picture of a network, then panels of the blocks that it leaves closed."""
    called = sum(row.called for row in table.rows)
    result = [scene(table, (0, called), title, MOST_NODES)]
    shown: set[str] = set()
    for one in result:  # grows while it is walked through
        for node in one.nodes:
            row = table.rows[node.rows[0]] if node.kind == "block" else None
            if row is None or _type(table, node.rows) in shown:
                continue
            if len(result) > MOST_PANELS:
                return result
            shown.add(_type(table, node.rows))
            inside = (node.rows[0] + 1, node.rows[1])
            name = f"inside {row.name}"
            if row.operation != "Sequential":
                name += f" ({row.operation})"
            result.append(scene(table, inside, name, MOST_INSIDE))
    return result


def scene(table: Table, rows: tuple[int, int], title: str, most: int) -> Scene:
    """The rows from ``rows[0]`` to before ``rows[1]`` as a graph."""
    parts = _children(table, *rows)
    best = _assembled(table, rows, parts, title)
    refused: set[tuple[int, str]] = set()
    while True:
        closed = [p for p in parts if not table.rows[p[0]].leaf]
        groups = {_group(table, p) for p in closed} - refused
        if not groups:
            return best
        group = min(groups)
        for thorough in (True, False):
            opened = _opened(table, parts, group, thorough)
            candidate = _assembled(table, rows, opened, title)
            fits = len(candidate.nodes) <= most or len(parts) <= 3
            if fits and (thorough or _opens_chains(table, parts, group)):
                parts, best = opened, candidate
                break
        else:
            refused.add(group)


def _opened(
    table: Table,
    parts: list[tuple[int, int]],
    group: tuple[int, str],
    thorough: bool,
) -> list[tuple[int, int]]:
    """The parts with a group of containers replaced by what is inside.

    Args:
        table: of the network.
        parts: ranges of rows.
        group: which containers.
        thorough: small containers inside are opened too.
    """
    result = []
    for part in parts:
        row = table.rows[part[0]]
        if row.leaf or _group(table, part) != group:
            result.append(part)
            continue
        for child in _children(table, part[0] + 1, part[1]):
            result += _all_inside(table, child) if thorough else [child]
    return result


def _all_inside(table: Table, part: tuple[int, int]) -> list[tuple[int, int]]:
    """The leaves of a small container; a large one as it is."""
    rows = range(*part)
    large = sum(table.rows[i].kind in ("conv", "fc", "pool", "join") for i in rows)
    if table.rows[part[0]].leaf or large > SMALL:
        return [part]
    return [(i, i + 1) for i in rows if table.rows[i].leaf]


def _opens_chains(
    table: Table, parts: list[tuple[int, int]], group: tuple[int, str]
) -> bool:
    """Whether what is inside follows one after the other, without branches."""
    for part in parts:
        if table.rows[part[0]].leaf or _group(table, part) != group:
            continue
        inside = (part[0] + 1, part[1])
        one = _assembled(table, inside, _children(table, *inside), "")
        if any(b != a + 1 for a, b in one.edges):
            return False
    return True


def _group(table: Table, part: tuple[int, int]) -> tuple[int, str]:
    return table.rows[part[0]].depth, _type(table, part)


def _children(table: Table, start: int, end: int) -> list[tuple[int, int]]:
    """The outermost rows of a range, each with where its insides end."""
    parts = []
    while start < end:
        stop = start + 1
        while stop < end and table.rows[stop].depth > table.rows[start].depth:
            stop += 1
        parts.append((start, stop))
        start = stop
    return parts


def _type(table: Table, rows: tuple[int, int]) -> str:
    """What kinds of layers are inside, whatever their widths."""
    inside = table.rows[rows[0] + 1 : rows[1]]
    plain = {re.sub(r"\d+→\d+ ?", "", row.operation) for row in inside}
    return table.rows[rows[0]].operation + " ".join(sorted(plain))


def _assembled(
    table: Table, rows: tuple[int, int], parts: list[tuple[int, int]], title: str
) -> Scene:
    nodes = [_node(table, part) for part in parts]
    place = {row: i for i, (a, b) in enumerate(parts) for row in range(a, b)}
    edges: dict[tuple[int, int], None] = {}
    outside: dict[int, None] = {}
    for source, target in sorted(table.edges, key=lambda e: (e[1], e[0])):
        if not rows[0] <= target < rows[1]:
            continue
        if rows[0] <= source < rows[1]:
            if place[source] != place[target]:
                edges[place[source], place[target]] = None
        else:
            outside[source] = None
            edges[-1, place[target]] = None
    first = min(outside, default=-1)
    shape = table.rows[first].output if first >= 0 else table.input
    nodes.insert(0, Node("input", "input" if first < 0 else "in", "", shape, (-1, -1)))
    moved = [(a + 1, b + 1) for a, b in edges]
    absorbed = _without_small(Scene(title, nodes, moved))
    return _runs_merged(table, absorbed)


def _node(table: Table, part: tuple[int, int]) -> Node:
    row = table.rows[part[0]]
    name = row.name or table.name
    about = f"{name}: {row.operation}, {row.output_text}"
    about += f", {row.total_parameters:,} parameters, {row.total_macs:,} MACs"
    if row.field is not None or row.sees == "all":
        about += f", field {row.field_text}"
    title, detail = _label(row) if row.leaf else _block_label(table, part)
    kind = row.kind if row.leaf else "block"
    return Node(kind, title, detail, row.output, part, about=about)


def _block_label(table: Table, part: tuple[int, int]) -> tuple[str, str]:
    """A closed block: its class, or its name and what it is made of."""
    row = table.rows[part[0]]
    name = row.name.rpartition(".")[2]
    if row.operation not in ("Sequential", "ModuleList", "ModuleDict"):
        return row.operation, name
    inside = [
        table.rows[a].operation for a, _ in _children(table, part[0] + 1, part[1])
    ]
    most = max(inside, key=inside.count)
    number = inside.count(most)
    return name, f"{number}× {most}" if number > 1 else ""


def _label(row: Row) -> tuple[str, str]:
    text = re.sub(r"\d+→\d+ ?", "", row.operation).strip()
    word, _, rest = text.partition(" ")
    if row.kind == "conv":
        kernel = re.search(r"k(\S+)", rest)
        size = kernel.group(1) if kernel else ""
        side = f"{size}×{size}" if size.isdigit() else size
        left = re.sub(r"k\S+ ?|p\S+ ?", "", rest).strip()
        return word, f"{side} {left}".strip()
    if row.kind == "join" and word == "stack":
        return "stack", ""
    if row.kind == "fc":
        return word, str(row.output[-1]) if row.output else ""
    return word, rest


def _without_small(scene: Scene) -> Scene:
    """Layers that change no size go into the one before them."""
    home = list(range(len(scene.nodes)))
    sources: dict[int, set[int]] = {}
    for a, b in scene.edges:
        sources.setdefault(b, set()).add(a)
    for i, node in enumerate(scene.nodes):
        before = {home[a] for a in sources.get(i, set())}
        if len(before) == 1 and _small(node, scene.nodes[min(before)]):
            home[i] = before.pop()
            host = scene.nodes[home[i]]
            if node.kind != "join" and node.title not in ("flatten", "identity"):
                host.tags.append(node.title)
            if host.kind != "input" and len(node.shape) == len(host.shape):
                host.shape = node.shape
    kept = [i for i in range(len(scene.nodes)) if home[i] == i]
    place = {old: new for new, old in enumerate(kept)}
    edges = dict.fromkeys(
        (place[home[a]], place[home[b]]) for a, b in scene.edges if home[a] != home[b]
    )
    return Scene(scene.title, [scene.nodes[i] for i in kept], list(edges))


def _small(node: Node, host: Node) -> bool:
    """Whether a node is but a finish to the one before it.

    An addition with one source adds a constant or a parameter.
    """
    if node.kind in ("join", "other"):
        return node.shape == host.shape
    return node.kind in ABSORBED


def _runs_merged(table: Table, scene: Scene) -> Scene:
    """Equal closed blocks in a row become one, with their number."""
    after: dict[int, set[int]] = {}
    before: dict[int, set[int]] = {}
    for a, b in scene.edges:
        after.setdefault(a, set()).add(b)
        before.setdefault(b, set()).add(a)
    home = list(range(len(scene.nodes)))
    for i in range(1, len(scene.nodes)):
        one, other = scene.nodes[i - 1], scene.nodes[i]
        chained = after.get(i - 1) == {i} and before.get(i) == {i - 1}
        if chained and "block" == one.kind == other.kind and _same(table, one, other):
            home[i] = home[i - 1]
            scene.nodes[home[i]].times += 1
    kept = [i for i in range(len(scene.nodes)) if home[i] == i]
    place = {old: new for new, old in enumerate(kept)}
    edges = dict.fromkeys(
        (place[home[a]], place[home[b]]) for a, b in scene.edges if home[a] != home[b]
    )
    return Scene(scene.title, [scene.nodes[i] for i in kept], list(edges))


def _same(table: Table, one: Node, other: Node) -> bool:
    a, b = ([r.operation for r in table.rows[slice(*n.rows)]] for n in (one, other))
    return one.shape == other.shape and a == b
