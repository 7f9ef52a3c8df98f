"""Writes the scenes of a network as one SVG: nothing but shapes, text and a style."""

from html import escape

from convatlas.anatomy.diagram.layout import (
    LEVEL,
    MANY_ARCS,
    TEXT_LINE,
    VOLUMES,
    Box,
    Line,
    laid_out,
)
from convatlas.anatomy.diagram.scene import Node, scenes
from convatlas.anatomy.table import Table

MARGIN = 28.0
BETWEEN = 26.0  # rows
# kind: fill in light, fill in dark
COLOURS = {
    "input": ("#d1d5db", "#4b5563"),
    "conv": ("#93b4f5", "#3f69c4"),
    "fc": ("#b9a3ee", "#7258bd"),
    "pool": ("#f7b58a", "#b86a33"),
    "join": ("#a7dcc0", "#3a8a62"),
    "block": ("#8fcad6", "#2f7f92"),
    "matmul": ("#e8a6c8", "#a34a7d"),
    "other": ("#d6d3c4", "#6f6b58"),
}
STYLE = """
text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans",
  sans-serif; font-size: 10px; fill: #1f2937; font-variant-numeric: tabular-nums; }
.h { font-size: 15px; font-weight: 600; } .p { font-size: 11.5px; font-weight: 600; }
.s { fill: #6b7280; font-size: 9px; } .n { font-size: 9.5px; } .paper { fill: #fff; }
.e { fill: none; stroke: #8b93a1; stroke-width: 1.1; }
.k { fill: none; stroke: #8b93a1; stroke-width: 1.1; stroke-dasharray: 3 3; }
.a { fill: #8b93a1; } .x { stroke: #e5e7eb; }
.f { stroke: #374151; stroke-width: .6; stroke-linejoin: round; }
.top { fill: #fff; fill-opacity: .35; } .side { fill: #000; fill-opacity: .16; }
.o { fill: none; }
"""
DARK = """text { fill: #e5e7eb; } .s { fill: #9ca3af; } .paper { fill: #12161d; }
.e, .k { stroke: #7b8494; } .a { fill: #7b8494; } .x { stroke: #2a313c; }
.f { stroke: #0b0e13; } .top { fill-opacity: .14; } .side { fill-opacity: .3; }
"""
NAMES = {
    "conv": "convolution",
    "pool": "pooling",
    "fc": "fully connected",
    "join": "concat, add",
    "matmul": "matrix product, attention",
    "block": "block (see its panel)",
    "other": "other",
}


def style() -> str:
    """Colours for light surroundings, and for dark ones."""
    light, dark = (
        "".join(f".c-{kind} {{ fill: {pair[i]}; }}\n" for kind, pair in COLOURS.items())
        for i in (0, 1)
    )
    return f"{STYLE}{light}@media (prefers-color-scheme: dark) {{\n{DARK}{dark}}}\n"


def draw(table: Table, title: str) -> str:
    """An SVG document, light or dark as its surroundings are.

    Volumes are drawn to scale, with the square root of their channels, height and
    width; fully connected layers with the logarithm of their units.

    Args:
        table: of any network.
        title: above the picture.
    """
    largest = max(table.input[1:], default=1)
    found = scenes(table, title)
    drawn = [(scene, laid_out(scene, largest)) for scene in found]
    parts: list[str] = []
    y = MARGIN + 18
    size = "×".join(map(str, table.input))
    parts.append(_text(MARGIN, MARGIN + 8, title, "h"))
    y = _scene(parts, drawn[0][1], MARGIN, y + 12)
    width = max([line.width for line in drawn[0][1]] + [560])
    x, row_height = MARGIN, 0.0
    for scene, lines in drawn[1:]:
        wide = max(max(line.width for line in lines), 7.0 * len(scene.title))
        if x > MARGIN and x + wide > MARGIN + width:
            x, y, row_height = MARGIN, y + row_height, 0.0
        parts.append(
            f'<line class="x" x1="{x:g}" x2="{x + wide:.1f}" '
            f'y1="{y:.1f}" y2="{y:.1f}"/>'
        )
        parts.append(_text(x, y + 18, scene.title, "p"))
        bottom = _scene(parts, lines, x, y + 30)
        row_height = max(row_height, bottom - y)
        x += wide + 44
        width = max(width, x - 44 - MARGIN)
    y += row_height
    kinds = {n.kind for scene in found for n in scene.nodes}
    _legend(parts, kinds, MARGIN, y + 8)
    note = f"{table.parameters:,} parameters, {table.macs:,} MACs for {size}"
    parts.append(_text(MARGIN, y + 30, note, "s"))
    full = width + 2 * MARGIN
    tall = y + 30 + MARGIN
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {full:.0f} {tall:.0f}" '
        f'width="{full:.0f}" height="{tall:.0f}" role="img" '
        f'aria-label="{escape(title)}">\n<style>{style()}</style>\n'
        f'<rect class="paper" width="{full:.0f}" height="{tall:.0f}"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _scene(parts: list[str], lines: list[Line], x: float, y: float) -> float:
    """Draws the rows of a scene; returns where they end."""
    for number, line in enumerate(lines):
        shift = [(box, box.x + x, box.y + y) for box in line.boxes]
        for box, left, middle in shift:
            box.x, box.y, box.end = left, middle, box.end + x
        for edge in line.edges:
            _edge(parts, line, *edge)
        for box in sorted(line.boxes, key=lambda b: (b.lane, b.x)):
            _box(parts, box)
        if number + 1 < len(lines):
            _onward(parts, line, lines[number + 1], x, y)
        y += line.height + BETWEEN
    return y


def _edge(parts: list[str], line: Line, a: int, b: int) -> None:
    one, other = line.boxes[a], line.boxes[b]
    if (a, b) in line.arcs:
        parts += _arc(line, one, other, line.arcs[a, b])
        return
    x1, y1, x2, y2 = one.right, one.y, other.x - 2, other.y
    if one.lane == other.lane:
        path = f"M{x1:.1f} {y2:.1f}H{x2 - 4:.1f}"
    elif abs(one.lane) < abs(other.lane):  # out into a branch, at once
        start = max(one.end - 6, x1)
        bend = _bend(start, y1, min(start + 40, x2 - 4), y2)
        path = f"M{x1:.1f} {y1:.1f}H{start:.1f}{bend}H{x2 - 4:.1f}"
    else:  # back, as late as possible
        turn = max(other.x - 34, x1)
        path = f"M{x1:.1f} {y1:.1f}H{turn:.1f}{_bend(turn, y1, x2 - 4, y2)}"
    parts.append(f'<path class="e" d="{path}"/>')
    parts.append(_arrow(x2, y2))


def _arc(line: Line, one: Box, other: Box, level: int) -> list[str]:
    """A skip: over everything between."""
    between = [
        box.top
        for box in line.boxes
        if box.lane == one.lane and one.rank <= box.rank <= other.rank
    ]
    x1, y1 = one.x + (one.width + one.slant) / 2, one.top + (2 if one.slant else 0)
    x2, y2 = other.x + (other.width + other.slant) / 2, other.top - 1
    if len(line.arcs) > MANY_ARCS:
        high = min(between) - 1.33 * LEVEL * level
        middle = f"C{x1:.1f} {high:.1f} {x2:.1f} {high:.1f}"
    else:
        high = min(between) - LEVEL * level
        middle = (
            f"C{x1:.1f} {high:.1f} {x1:.1f} {high:.1f} {x1 + 12:.1f} {high:.1f}"
            f"H{x2 - 12:.1f}C{x2:.1f} {high:.1f} {x2:.1f} {high:.1f}"
        )
    path = f"M{x1:.1f} {y1:.1f}{middle} {x2:.1f} {y2 - 4:.1f}"
    return [f'<path class="e" d="{path}"/>', _arrow(x2, y2, down=True)]


def _bend(x1: float, y1: float, x2: float, y2: float) -> str:
    middle = (x1 + x2) / 2
    return f"C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} {x2:.1f} {y2:.1f}"


def _onward(parts: list[str], line: Line, after: Line, x: float, y: float) -> None:
    """From the end of a row to the beginning of the next."""
    last = max((b for b in line.boxes if b.node), key=lambda b: (b.rank, b.lane == 0))
    right, down = last.right + last.slant / 2 + 12, y + line.height + BETWEEN / 2 - 6
    ghost = next(box for box in after.boxes if box.node is None)
    right = max(right, last.end + 6)
    goal = y + line.height + BETWEEN + ghost.y
    left = x + ghost.x + 2
    parts.append(
        f'<path class="k" d="M{last.right + last.slant / 2 + 2:.1f} {last.y:.1f}'
        f'H{right:.1f}V{down:.1f}H{left:.1f}V{goal - 3:.1f}"/>'
    )


def _box(parts: list[str], box: Box) -> None:
    node = box.node
    if node is None:
        parts.append(f'<circle class="a" cx="{box.x + 2:.1f}" cy="{box.y:.1f}" r="2"/>')
        return
    parts.append(f"<g><title>{escape(node.about or node.title)}</title>")
    if node.kind == "join" and node.title not in VOLUMES:
        _join(parts, box, node)
    else:
        _volume(parts, box, node)
    parts.append("</g>")


def _join(parts: list[str], box: Box, node: Node) -> None:
    x, y, sign = box.x + 10, box.y, {"add": "+", "multiply": "×"}.get(node.title, "·")
    parts.append(f'<circle class="f c-join" cx="{x:.1f}" cy="{y:.1f}" r="9"/>')
    parts.append(_text(x, y + 4.5, sign, "p", "middle"))
    if node.tags:
        parts.append(
            _text(x, y + 22, " ".join(dict.fromkeys(node.tags)), "s", "middle")
        )


def _volume(parts: list[str], box: Box, node: Node) -> None:
    x, w, h, d = box.x, box.width, box.height, box.slant
    top, low = box.y - h / 2, box.y + h / 2
    known = {"conv", "fc", "pool", "join", "block", "matmul", "input"}
    kind = node.kind if node.kind in known else "other"
    faces = {
        "top": f"M{x:.1f} {top:.1f}l{d:.1f} {-d:.1f}h{w:.1f}l{-d:.1f} {d:.1f}z",
        "side": f"M{x + w:.1f} {top:.1f}l{d:.1f} {-d:.1f}v{h:.1f}l{-d:.1f} {d:.1f}z",
    }
    for face, path in faces.items() if d else ():
        parts.append(f'<path class="f c-{kind}" d="{path}"/>')
        parts.append(f'<path class="{face}" d="{path}"/>')
    parts.append(
        f'<rect class="f c-{kind}" x="{x:.1f}" y="{top:.1f}" width="{w:.1f}" '
        f'height="{h:.1f}"/>'
    )
    if node.kind == "block":  # slices, since it holds several layers
        for i in (1, 2, 3):
            at = x + w * i / 4
            parts.append(
                f'<path class="f o" d="M{at:.1f} {low:.1f}v{-h:.1f}l{d:.1f} {-d:.1f}"/>'
            )
    middle = x + (w + d) / 2
    y = low + 12
    for text, style in box.label:
        parts.append(_text(middle, y, text, style, "middle"))
        y += TEXT_LINE


def _legend(parts: list[str], kinds: set[str], x: float, y: float) -> None:
    for kind, name in NAMES.items():
        if kind in kinds:
            parts.append(
                f'<rect class="f c-{kind}" x="{x:.1f}" y="{y - 8:.1f}" '
                'width="10" height="10"/>'
            )
            parts.append(_text(x + 15, y + 1, name, "s"))
            x += 15 + 5.4 * len(name) + 16


def _arrow(x: float, y: float, down: bool = False) -> str:
    if down:
        return f'<path class="a" d="M{x - 3:.1f} {y - 5:.1f}h6l-3 6z"/>'
    return f'<path class="a" d="M{x - 5:.1f} {y - 3:.1f}v6l6 -3z"/>'


def _text(x: float, y: float, text: str, style: str, anchor: str = "start") -> str:
    return (
        f'<text class="{style}" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">'
        f"{escape(text)}</text>"
    )
