"""``convatlas networks``."""

import re
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from convatlas.cli.command import new_app
from convatlas.errors import UsageError

if TYPE_CHECKING:
    from convatlas.verbs.networks import Listed

HELP = """List the networks of the atlas with the paper or tutorial of each.

A name of the first column is what 'show', 'train' and all other commands take.
MACs are multiply-accumulates for one picture; a FLOP count is about twice that.

Examples: convatlas networks; convatlas networks --family resnet;
convatlas networks --max-params 100k --input 28; convatlas networks --json
"""

UNITS = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}

app = new_app("networks", HELP)


@app.default
def networks(
    *,
    family: str | None = None,
    max_params: str | None = None,
    input: str | None = None,
    json: Annotated[bool, Parameter(negative=())] = False,
) -> int:
    """List the networks.

    Parameters
    ----------
    family
        Only this family: lenet, alexnet, vgg, nin, googlenet, resnet, ...
    max_params
        Only networks with at most so many parameters: 60000, 100k, 5M.
    input
        Only networks that take this size: a side in pixels (28) or height×width
        (64x128); the figures are then for this size.
    json
        Print JSON, nothing else.
    """
    from convatlas.cli.input_size import parse_size
    from convatlas.verbs.networks import list_networks

    most = None if max_params is None else parse_count(max_params)
    size = parse_size(input)
    found = list_networks(family=family, max_params=most, input_size=size)
    if json:
        from json import dumps

        print(dumps([_plain(one) for one in found], ensure_ascii=False, indent=1))
        return 0
    _print(found)
    return 0


def parse_count(text: str) -> int:
    """A number of parameters from ``"60000"``, ``"100k"`` or ``"5M"``.

    Raises:
        UsageError: anything else.
    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([kmg]?)", text.strip().lower())
    if not found:
        raise UsageError(
            f"--max-params {text}: must be a number of parameters such as 60000, 100k "
            "or 5M"
        )
    return round(float(found[1]) * UNITS[found[2]])


def short(count: int) -> str:
    """Three figures and a unit: ``61.7 k``, ``11.7 M``, ``1.81 G``."""
    for unit, size in (("G", 10**9), ("M", 10**6), ("k", 10**3)):
        if count >= 0.9995 * size:
            value = count / size
            digits = 2 if value < 9.995 else 1 if value < 99.95 else 0
            return f"{value:.{digits}f} {unit}"
    return str(count)


def _print(found: "list[Listed]") -> None:
    from convatlas.cli.terminal import console, new_table, print_table

    out = console()
    count = f"{len(found)} networks" if len(found) != 1 else "1 network"
    headers = ("network", ">year", ">input", ">params", ">MACs", "source")
    lines = [_cells(one) for one in found]
    if found:
        columns = zip(headers[:-1], *(line[:-1] for line in lines), strict=True)
        widths = [max(len(cell.lstrip(">")) for cell in column) for column in columns]
        room = out.width - sum(widths) - 3 * len(widths) - 2
        rows = new_table(*headers)
        rows.columns[-1].max_width = max(room, 16)  # gives way in a narrow terminal
        family = ""
        for one, line in zip(found, lines, strict=True):
            if one.variant.family != family:
                family = one.variant.family
                rows.add_section()
                rows.add_row(f"[dim]{family}[/]")
            rows.add_row(f"[bold]{line[0]}[/]", *line[1:])
        print_table(out, rows)
    out.print(f"{count}; every layer of one: convatlas show NETWORK", style="dim")


def _cells(one: "Listed") -> tuple[str, ...]:
    return (
        f"  {one.variant.name}",
        str(one.variant.year),
        "×".join(map(str, one.input)),
        short(one.parameters),
        short(one.macs),
        one.variant.reference,
    )


def _plain(one: "Listed") -> dict[str, object]:
    variant = one.variant
    return {
        "name": variant.name,
        "family": variant.family,
        "title": variant.title,
        "year": variant.year,
        "reference": variant.reference,
        "input": one.input,
        "classes": variant.classes,
        "sizes": variant.sizes,
        "parameters": one.parameters,
        "macs": one.macs,
        "weights": sorted(variant.published),
    }
