"""Draws a network into a file."""

import os
from pathlib import Path

from convatlas.anatomy import Table
from convatlas.anatomy.diagram import draw
from convatlas.errors import UsageError


def draw_diagram(table: Table, path: Path, title: str) -> Path:
    """Writes the diagram of a traced network as SVG, in one step.

    Args:
        table: from ``trace``.
        path: of the file; must end in ``.svg``.
        title: above the picture.

    Raises:
        UsageError: another ending, or a path that cannot be written.
    """
    if path.suffix.lower() != ".svg":
        raise UsageError(f"{path}: diagrams are written as .svg")
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        temporary.write_text(draw(table, title), encoding="utf-8")
        temporary.replace(path)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None
    return path
