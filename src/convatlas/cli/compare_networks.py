"""``convatlas compare-networks``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from convatlas.cli.command import new_app

if TYPE_CHECKING:
    from convatlas.anatomy.comparing import Profile

HELP = """Compare networks: parameters, MACs, depth, field, memory, and where they sit.

Examples: convatlas compare-networks alexnet vgg16 googlenet resnet50;
convatlas compare-networks lenet5-tanh mynets:Small --input 1x28x28 --out bars.png
"""

app = new_app("compare-networks", HELP)

SIDE_BY_SIDE = 6  # networks in one table

Flag = Annotated[bool, Parameter(negative=())]


@app.default
def compare_networks(
    *networks: str,
    input: str | None = None,
    classes: int | None = None,
    dense_equivalent: Flag = False,
    out: Path | None = None,
    json: Flag = False,
) -> int:
    """Compare networks side by side.

    Parameters
    ----------
    networks
        Names of networks, or package.module:Class of your own.
    input
        One picture size for all: 3x64x128, 64x128 or 28; as published if none.
    classes
        One number of outputs for all; as published if none.
    dense_equivalent
        Add what it would cost if every convolution were fully connected.
    out
        Draw bars into this .png or .svg.
    json
        Print JSON, nothing else.
    """
    from convatlas.cli.picture_shape import parse_shape
    from convatlas.verbs.compare_networks import compare_networks as verb

    compared = verb(networks, input=parse_shape(input), classes=classes, out=out)
    if json:
        from dataclasses import asdict
        from json import dumps

        plain = [asdict(profile) for profile in compared.profiles]
        print(dumps(plain, ensure_ascii=False, indent=1))
        return 0
    _print(compared.profiles, dense_equivalent)
    if compared.picture is not None:
        from convatlas.cli.terminal import console

        console().print(f"drawn: {compared.picture}")
    return 0


def _print(profiles: "tuple[Profile, ...]", dense_equivalent: bool) -> None:
    from convatlas.cli.terminal import console, new_table, print_table

    for start in range(0, len(profiles), SIDE_BY_SIDE):
        group = profiles[start : start + SIDE_BY_SIDE]
        sheet = new_table("", *(f">{p.name}" for p in group))
        sheet.padding = (0, 1, 0, 0)
        for label, figures in _lines(group, dense_equivalent):
            sheet.add_row(label, *figures)
        print_table(console(), sheet)
    if dense_equivalent:
        console().print(
            "all dense: if every convolution were fully connected", style="dim"
        )
    largest = max(profiles, key=lambda p: p.parameters)
    smallest = min(profiles, key=lambda p: p.parameters)
    if len(profiles) > 1 and largest.parameters > smallest.parameters:
        ratio = largest.parameters / max(1, smallest.parameters)
        console().print(
            f"{largest.name} has {ratio:,.{1 if ratio < 100 else 0}f} times the "
            f"parameters of {smallest.name}"
        )


def _lines(
    profiles: "tuple[Profile, ...]", dense_equivalent: bool
) -> list[tuple[str, list[str]]]:
    """A label and a figure for each network."""
    from convatlas.anatomy.writing import si

    lines = [
        ("input", ["×".join(map(str, p.input)) for p in profiles]),
        ("parameters", [f"{p.parameters:,}" for p in profiles]),
    ]
    for label, parts in (
        ("  in convolutions", [p.conv_parameters for p in profiles]),
        ("  in fully connected", [p.dense_parameters for p in profiles]),
        ("  elsewhere (norms ...)", [p.other_parameters for p in profiles]),
        ("  not called", [p.uncalled_parameters for p in profiles]),
    ):
        if any(parts):
            pairs = zip(parts, profiles, strict=True)
            lines.append((label, [_share(n, p.parameters) for n, p in pairs]))
    lines += [
        ("MACs a picture", [si(p.macs) for p in profiles]),
        ("  in convolutions", [_share(p.conv_macs, p.macs) for p in profiles]),
        ("MACs a parameter", [_ratio(p) for p in profiles]),
        ("layers deep", [str(p.layers) for p in profiles]),
        ("receptive field", [_field(p) for p in profiles]),
        ("activations", [f"{si(p.activation_bytes)}B" for p in profiles]),
        ("weights", [f"{si(p.parameter_bytes)}B" for p in profiles]),
    ]
    if dense_equivalent:
        lines += [("all dense, parameters", [si(p.dense_equivalent) for p in profiles])]
    return lines


def _ratio(p: "Profile") -> str:
    return f"{p.macs / p.parameters:,.0f}" if p.parameters else "–"


def _field(p: "Profile") -> str:
    if p.field is None:
        return "all"
    return "×".join(map(str, dict.fromkeys(p.field.size)))


def _share(part: int, whole: int) -> str:
    from convatlas.anatomy.writing import share_text

    return share_text(part, whole) or "–"
