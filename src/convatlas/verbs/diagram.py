"""Draws a network into a file."""

from pathlib import Path

from convatlas.anatomy import Table
from convatlas.anatomy.diagram import draw
from convatlas.errors import UsageError
from convatlas.whole_files import whole_file


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
    try:
        with whole_file(path) as file:
            file.write(draw(table, title).encode())
    except OSError as error:
        raise UsageError(f"{path}: cannot be written: {error.strerror}") from None
    return path
