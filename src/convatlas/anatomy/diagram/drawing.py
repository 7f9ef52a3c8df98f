"""Writes the scenes of a network as one SVG: nothing but shapes, text and a style."""

from html import escape

from convatlas.anatomy.diagram.layout import LEVEL, Box, Line, laid_out
from convatlas.anatomy.diagram.scene import Node, scenes
from convatlas.anatomy.table import Table

MARGIN = 28.0
BETWEEN = 26.0  # rows
STYLE = """
svg { color-scheme: light dark; --paper: #fff; --ink: #1f2937; --faint: #6b7280;
  --line: #9ca3af; --hair: #e5e7eb; --input: #d1d5db; --conv: #93b4f5; --fc: #b9a3ee;
  --pool: #f7b58a; --join: #a7dcc0; --block: #9ecbd8; --matmul: #e8a6c8;
  --other: #d6d3c4; --edge: #374151; }
@media (prefers-color-scheme: dark) { svg { --paper: #12161d; --ink: #e5e7eb;
  --faint: #9ca3af; --line: #6b7280; --hair: #2a313c; --input: #4b5563; --conv: #3b62b5;
  --fc: #6b52b0; --pool: #b0642f; --join: #35805a; --block: #2f7487; --matmul: #9a4274;
  --other: #6b6856; --edge: #0b0e13; } }
text { font-family: system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans",
  sans-serif; font-size: 10px; fill: var(--ink); font-variant-numeric: tabular-nums; }
.h { font-size: 15px; font-weight: 600; } .p { font-size: 11.5px; font-weight: 600; }
.s { fill: var(--faint); font-size: 9px; } .n { font-size: 9.5px; }
.e { fill: none; stroke: var(--line); stroke-width: 1.2; }
.k { fill: none; stroke: var(--line); stroke-width: 1.2; stroke-dasharray: 3 3; }
.a { fill: var(--line); } .f { stroke: var(--edge); stroke-width: .6;
  stroke-linejoin: round; } .d { filter: brightness(.86); } .l { filter:
  brightness(1.08); } .x { stroke: var(--hair); }
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
        f'aria-label="{escape(title)}">\n<style>{STYLE}</style>\n'
        f'<rect width="100%" height="100%" fill="var(--paper)"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _scene(parts: list[str], lines: list[Line], x: float, y: float) -> float:
    """Draws the rows of a scene; returns where they end."""
    for number, line in enumerate(lines):
        shift = [(box, box.x + x, box.y + y) for box in line.boxes]
        for box, left, middle in shift:
            box.x, box.y = left, middle
        for edge in line.edges:
            _edge(parts, line, *edge)
        for box in sorted(line.boxes, key=lambda b: (b.lane, b.x)):
            _box(parts, box)
        if number + 1 < len(lines):
            _onward(parts, line, x, y)
        y += line.height + BETWEEN
    return y


def _edge(parts: list[str], line: Line, a: int, b: int) -> None:
    one, other = line.boxes[a], line.boxes[b]
    x1, y1, x2, y2 = one.right, one.y, other.x - 2, other.y
    if one.slant:
        y1 -= one.slant / 4
    level = line.arcs.get((a, b))
    if level is not None:
        between = [
            box.top
            for box in line.boxes
            if box.lane == one.lane and one.rank <= box.rank <= other.rank
        ]
        top = min(between) - LEVEL * level
        sx = one.x + one.width / 2 + one.slant / 2
        sy = one.top + (2 if one.slant else 0)
        ex, ey = other.x + other.width / 2 + other.slant / 2, other.top - 1
        bend = 12
        path = (
            f"M{sx:.1f} {sy:.1f}C{sx:.1f} {top:.1f} {sx:.1f} {top:.1f} "
            f"{sx + bend:.1f} {top:.1f}H{ex - bend:.1f}C{ex:.1f} {top:.1f} "
            f"{ex:.1f} {top:.1f} {ex:.1f} {ey - 4:.1f}"
        )
        parts.append(f'<path class="e" d="{path}"/>')
        parts.append(_arrow(ex, ey, down=True))
        return
    if one.lane == other.lane:
        parts.append(f'<path class="e" d="M{x1:.1f} {y2:.1f}H{x2 - 4:.1f}"/>')
    elif abs(one.lane) < abs(other.lane):  # out into a branch, at once
        path = _curve(x1, y1, min(x1 + 40, x2 - 4), y2) + f"H{x2 - 4:.1f}"
        parts.append(f'<path class="e" d="{path}"/>')
    else:  # back, as late as possible
        turn = max(x2 - 40, x1)
        path = (
            f"M{x1:.1f} {y1:.1f}H{turn:.1f}"
            + _curve(turn, y1, x2 - 4, y2)[len(f"M{turn:.1f} {y1:.1f}") :]
        )
        parts.append(f'<path class="e" d="{path}"/>')
    parts.append(_arrow(x2, y2))


def _curve(x1: float, y1: float, x2: float, y2: float) -> str:
    middle = (x1 + x2) / 2
    return (
        f"M{x1:.1f} {y1:.1f}C{middle:.1f} {y1:.1f} {middle:.1f} {y2:.1f} "
        f"{x2:.1f} {y2:.1f}"
    )


def _onward(parts: list[str], line: Line, x: float, y: float) -> None:
    """From the end of a row to the beginning of the next."""
    last = max((b for b in line.boxes if b.lane == 0), key=lambda b: b.rank)
    right, down = last.right + 14, y + line.height + BETWEEN / 2 - 6
    parts.append(
        f'<path class="k" d="M{last.right:.1f} {last.y:.1f}H{right:.1f}'
        f'V{down:.1f}H{x + 2:.1f}v{BETWEEN:.1f}"/>'
    )


def _box(parts: list[str], box: Box) -> None:
    node = box.node
    if node is None:
        parts.append(f'<circle class="a" cx="{box.x + 2:.1f}" cy="{box.y:.1f}" r="2"/>')
        return
    parts.append(f"<g><title>{escape(node.about or node.title)}</title>")
    if node.kind == "join" and node.title != "concat":
        _join(parts, box, node)
    else:
        _volume(parts, box, node)
    parts.append("</g>")


def _join(parts: list[str], box: Box, node: Node) -> None:
    x, y, sign = box.x + 10, box.y, {"add": "+", "multiply": "×"}.get(node.title, "·")
    parts.append(
        f'<circle class="f" cx="{x:.1f}" cy="{y:.1f}" r="9" fill="var(--join)"/>'
    )
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
    paint = f'fill="var(--{kind})"'
    parts.append(
        f'<path class="f l" {paint} d="M{x:.1f} {top:.1f}l{d:.1f} {-d:.1f}h{w:.1f}'
        f'l{-d:.1f} {d:.1f}z"/>'
        f'<path class="f d" {paint} d="M{x + w:.1f} {top:.1f}l{d:.1f} {-d:.1f}v{h:.1f}'
        f'l{-d:.1f} {d:.1f}z"/>'
        f'<rect class="f" {paint} x="{x:.1f}" y="{top:.1f}" width="{w:.1f}" '
        f'height="{h:.1f}"/>'
    )
    if node.kind == "block":  # slices, since it holds several layers
        for i in (1, 2, 3):
            at = x + w * i / 4
            parts.append(
                f'<path class="f" fill="none" d="M{at:.1f} {low:.1f}v{-h:.1f}'
                f'l{d:.1f} {-d:.1f}"/>'
            )
    middle = x + (w + d) / 2
    lines = _sizes(parts, box, node)
    title = node.title + (f" ×{node.times}" if node.times > 1 else "")
    y = low + 12
    for text, style in [*lines, (title, "n"), (node.detail, "n"), (_tags(node), "s")]:
        if text:
            parts.append(_text(middle, y, text, style, "middle"))
            y += 11


def _sizes(parts: list[str], box: Box, node: Node) -> list[tuple[str, str]]:
    """The channels below the front, height and width beside the slant."""
    if len(node.shape) == 3:
        channels, height, width = node.shape
        side = str(height) if height == width else f"{height}×{width}"
        return [
            (f"{channels}×{side}" if height != width else f"{channels} · {side}²", "s")
        ]
    if node.kind != "fc":
        return [("×".join(map(str, node.shape)), "s")]
    return []


def _tags(node: Node) -> str:
    tags = list(dict.fromkeys(node.tags))
    return " ".join(tags[:3])


def _legend(parts: list[str], kinds: set[str], x: float, y: float) -> None:
    for kind, name in NAMES.items():
        if kind in kinds:
            parts.append(
                f'<rect class="f" fill="var(--{kind})" x="{x:.1f}" y="{y - 8:.1f}" '
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
