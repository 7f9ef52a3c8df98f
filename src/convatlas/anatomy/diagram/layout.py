"""Where everything of a scene lies: columns by order, lanes for branches, rows."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import log2, sqrt

from convatlas.anatomy.diagram.scene import Node, Scene

TALLEST = 118.0  # pixels, of the widest picture
SLANT = 0.30  # of a volume's width, to the right and up
GAP = 20.0
NARROWEST = 42.0  # a column
LETTER = 5.5  # width of a label's letters
TEXT_LINE = 11.0
MANY_ARCS = 6  # drawn as curves: they may cross
WIDEST = 1240.0  # a row
LEVEL = 11.0  # between the arcs of skips


VOLUMES = ("concat", "stack")  # joins that make a larger volume


@dataclass
class Box:
    """A node with its place.

    Attributes:
        node: what is drawn; None for the place where a row goes on.
        rank: column.
        lane: 0 is the main path; others below (positive) and above.
        width: of the front: channels.
        height: of the front.
        slant: how far the volume recedes.
        x: left of the front.
        y: middle of the front.
        end: of its column.
    """

    node: Node | None
    rank: int
    lane: int
    width: float
    height: float
    slant: float
    x: float = 0.0
    y: float = 0.0
    end: float = 0.0

    @property
    def label(self) -> list[tuple[str, str]]:
        """Lines of text below, each with its style."""
        return _label(self.node) if self.node else []

    @property
    def span(self) -> float:
        """Width of the volume or its label, whichever is wider."""
        text = max((len(text) for text, _ in self.label), default=0)
        return max(NARROWEST, self.width + self.slant, LETTER * text)

    @property
    def right(self) -> float:
        """Where an edge leaves."""
        return self.x + self.width + self.slant / 2

    @property
    def top(self) -> float:
        """The highest point."""
        return self.y - self.height / 2 - self.slant


@dataclass
class Line:
    """One row of a scene.

    Attributes:
        boxes: all on it.
        edges: (from, to), indices of boxes.
        arcs: level of each edge that passes over others.
        width: in pixels.
        height: in pixels.
    """

    boxes: list[Box]
    edges: list[tuple[int, int]]
    arcs: dict[tuple[int, int], int]
    width: float = 0.0
    height: float = 0.0


def laid_out(scene: Scene, largest: int) -> list[Line]:
    """The rows of a scene, each with its own origin.

    Args:
        scene: what to draw.
        largest: height or width of the network's input, for a common scale.
    """
    ranks = _ranks(scene)
    lanes = _lanes(scene, ranks)
    boxes = [
        Box(node, ranks[i], lanes[i], *_extent(node, largest))
        for i, node in enumerate(scene.nodes)
    ]
    lines = _broken(boxes, scene.edges)
    for line in lines:
        _placed(line)
    return lines


def _label(node: Node) -> list[tuple[str, str]]:
    """Size, operation, its arguments, what was absorbed; round joins are signs."""
    tags = (" ".join(list(dict.fromkeys(node.tags))[:3]), "s")
    if node.kind == "join" and node.title not in VOLUMES:
        return [tags] if tags[0] else []
    size = "×".join(map(str, node.shape))
    if len(node.shape) == 3 and node.shape[1] == node.shape[2]:
        size = f"{node.shape[0]}×{node.shape[1]}²"
    title = node.title + (f" ×{node.times}" if node.times > 1 else "")
    lines = [("" if node.kind == "fc" else size, "s"), (title, "n")]
    return [line for line in [*lines, (node.detail, "n"), tags] if line[0]]


def _extent(node: Node, largest: int) -> tuple[float, float, float]:
    """Width, height and slant of a volume; square roots keep small ones visible."""
    if node.kind == "join" and node.title not in VOLUMES:
        return 20.0, 20.0, 0.0
    if len(node.shape) == 3:
        channels, height, width = node.shape
        tall = max(9.0, TALLEST * sqrt(height / largest))
        deep = max(6.0, SLANT * TALLEST * sqrt(width / largest))
        return 3 + 1.25 * sqrt(channels), tall, deep
    if len(node.shape) == 2:
        return 3 + 1.25 * sqrt(node.shape[1]), max(9.0, 4 * sqrt(node.shape[0])), 6.0
    units = node.shape[-1] if node.shape else 1
    return 9.0, 12 + 8.5 * log2(units + 1), 5.0


def _ranks(scene: Scene) -> list[int]:
    ranks = [0] * len(scene.nodes)
    for a, b in sorted(scene.edges, key=lambda e: e[1]):
        ranks[b] = max(ranks[b], ranks[a] + 1)
    return ranks


def _lanes(scene: Scene, ranks: list[int]) -> list[int]:
    """The longest path runs straight; other branches beside it where there is room."""
    count = len(scene.nodes)
    after: list[list[int]] = [[] for _ in range(count)]
    before: list[list[int]] = [[] for _ in range(count)]
    for a, b in scene.edges:
        after[a].append(b)
        before[b].append(a)
    lanes = [-99] * count
    path: int | None = max(range(count), key=lambda i: (ranks[i], i))
    while path is not None:  # backwards along the longest path
        lanes[path] = 0
        longest = [a for a in before[path] if ranks[a] == ranks[path] - 1]
        path = max(longest, key=lambda a: _weight(scene.nodes[a])) if longest else None
    taken: dict[int, list[tuple[int, int]]] = {}
    for i in range(count):
        if lanes[i] != -99:
            continue
        chain = [i]
        while True:
            onward = [b for b in after[chain[-1]] if lanes[b] == -99]
            if not onward:
                break
            chain.append(onward[0])
        start = min((ranks[a] for a in before[i]), default=ranks[i] - 1) + 1
        stop = max((ranks[b] for b in after[chain[-1]]), default=ranks[chain[-1]] + 1)
        lane = next(
            lane
            for lane in _sides()
            if all(stop <= a or b <= start for a, b in taken.get(lane, []))
        )
        taken.setdefault(lane, []).append((start, stop))
        for j in chain:
            lanes[j] = lane
    return lanes


def _sides() -> Iterable[int]:
    for distance in range(1, 1000):
        yield distance
        yield -distance


def _weight(node: Node) -> tuple[bool, int]:
    return node.kind in ("conv", "fc", "block"), node.rows[1]


def _broken(boxes: list[Box], edges: list[tuple[int, int]]) -> list[Line]:
    """Rows that are not too wide, broken where a single volume passes on."""
    last = max(box.rank for box in boxes)
    widths = [_column([b for b in boxes if b.rank == r]) for r in range(last + 1)]
    breaks = [0]
    allowed = [r for r in range(last) if _crossing(boxes, edges, r) is not None]
    start = 0
    total = sum(widths)
    rows = -(-total // WIDEST)
    goal = total / rows if rows else total
    while allowed and sum(widths[start:]) > WIDEST:
        fitting = [
            r for r in allowed if r >= start and sum(widths[start : r + 1]) <= WIDEST
        ]
        if not fitting:
            fitting = [min((r for r in allowed if r >= start), default=last)]
        if fitting[0] == last:
            break
        target = min(goal * 1.08, WIDEST)
        here = min(fitting, key=lambda r: abs(sum(widths[start : r + 1]) - target))
        start = here + 1
        breaks.append(start)
    breaks.append(last + 1)
    lines = []
    for begin, end in zip(breaks, breaks[1:], strict=False):
        inside = [i for i, b in enumerate(boxes) if begin <= b.rank < end]
        place = {old: new for new, old in enumerate(inside)}
        members = [boxes[i] for i in inside]
        links = [(a, b) for a, b in edges if b in place]
        ghosts = {a for a, _ in links if a not in place}
        for ghost in sorted(ghosts):
            place[ghost] = len(members)
            members.append(Box(None, begin - 1, boxes[ghost].lane, 4.0, 4.0, 0.0))
        own = [(place[a], place[b]) for a, b in links]
        lines.append(Line(members, own, {}))
    return lines


def _crossing(boxes: list[Box], edges: list[tuple[int, int]], rank: int) -> int | None:
    """The only source of all edges from up to ``rank`` to beyond, if there is one."""
    sources = {a for a, b in edges if boxes[a].rank <= rank < boxes[b].rank}
    if len(sources) != 1:
        return None
    (source,) = sources
    return source if boxes[source].rank == rank else None


def _column(boxes: list[Box]) -> float:
    return max((b.span + GAP for b in boxes), default=GAP)


def _placed(line: Line) -> None:
    """Gives every box of a row its place and every passing edge its level."""
    first = min(b.rank for b in line.boxes)
    last = max(b.rank for b in line.boxes)
    x = 0.0
    for rank in range(first, last + 1):
        column = [b for b in line.boxes if b.rank == rank]
        wide = _column(column) if any(b.node for b in column) else 30.0
        for box in column:
            box.x = x + (wide - GAP - box.width - box.slant) / 2
            box.end = x + wide - GAP
        x += wide
    line.width = x - GAP
    _arcs(line)
    above = LEVEL * max(line.arcs.values(), default=0)
    y = above + (8 if line.arcs else 0)
    for lane in sorted({b.lane for b in line.boxes}):
        boxes = [b for b in line.boxes if b.lane == lane]
        tall = max(b.height / 2 + b.slant for b in boxes)
        low = max(b.height / 2 + TEXT_LINE * len(b.label) for b in boxes)
        if lane == 0:
            y += above if y > above + 8 else 0
        for box in boxes:
            box.y = y + tall
        y += tall + low + 16
    line.height = y


def _arcs(line: Line) -> None:
    """Edges that pass over a box of their lane, the shorter the lower."""
    passing = []
    for a, b in line.edges:
        one, other = line.boxes[a], line.boxes[b]
        between = [
            box
            for box in line.boxes
            if box.lane == one.lane and one.rank < box.rank < other.rank
        ]
        if one.lane == other.lane and between:
            passing.append((other.rank - one.rank, a, b))
    if len(passing) > MANY_ARCS:
        line.arcs |= {(a, b): span for span, a, b in passing}
        return
    for _, a, b in sorted(passing):
        start, stop = line.boxes[a].rank, line.boxes[b].rank
        below = [
            level
            for (c, d), level in line.arcs.items()
            if line.boxes[c].rank < stop and start < line.boxes[d].rank
        ]
        line.arcs[a, b] = max(below, default=0) + 1
