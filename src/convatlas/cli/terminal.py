"""How figures and tables look in the terminal."""

import os

from rich import box
from rich.console import Console
from rich.table import Table

PIPE_WIDTH = 1000  # columns of output that goes to a file or another program


class _Console(Console):
    def on_broken_pipe(self) -> None:
        """rich would leave with status 1; main knows better."""
        raise


def console(*, errors: bool = False, quiet: bool = False) -> Console:
    """Standard output (or error); numbers stay uncoloured, lines unbroken."""
    out = _Console(stderr=errors, highlight=False, soft_wrap=True, quiet=quiet)
    if not out.is_terminal and "COLUMNS" not in os.environ:
        out.width = PIPE_WIDTH
    return out


def print_table(console: Console, table: Table) -> None:
    """As wide as the console allows: the first column is broken last."""
    console.print(table, soft_wrap=False)


def new_table(*columns: str, title: str | None = None) -> Table:
    """An empty table without frames; a column named with a leading ``>`` holds
    figures and is aligned to the right."""
    table = Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
        pad_edge=False,
        header_style="dim",
    )
    for column in columns:
        if column.startswith(">"):
            table.add_column(column[1:], justify="right", no_wrap=True)
        else:
            # what gives way when the terminal is narrow is not the first column
            table.add_column(column, no_wrap=column == columns[0], min_width=6)
    return table


def percent(share: float | None) -> str:
    """``98.31 %``, or a dash."""
    return "–" if share is None else f"{share:.2%}".replace("%", " %")
