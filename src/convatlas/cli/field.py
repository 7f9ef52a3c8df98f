"""``convatlas field``."""

import re
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from convatlas.cli.command import new_app

HELP = """Draw what one unit of a layer sees: in theory (box) and in effect (gradients).

The field in theory is all that could reach the unit; in effect pixels in the middle,
from which many paths lead to it, count most. Weights are fresh; training widens it.

Examples: convatlas field resnet18 --layer features.stage3 --picture cat.jpg;
convatlas field lenet5-tanh --layer features.conv2 --unit 0,0 --out corner.svg
"""

app = new_app("field", HELP)

Flag = Annotated[bool, Parameter(negative=())]


@app.default
def field(
    network: str,
    /,
    *,
    layer: str,
    unit: str | None = None,
    input: str | None = None,
    picture: Path | None = None,
    samples: int = 8,
    seed: int = 0,
    out: Path | None = None,
    json: Flag = False,
) -> int:
    """Draw what one unit of a layer sees.

    Parameters
    ----------
    network
        A network's name, or package.module:Class of your own.
    layer
        Dotted path of a layer or block, as 'convatlas show' lists them.
    unit
        Row,column in the layer's map; the middle if none.
    input
        Channels×height×width, height×width or a side; as published if none.
    picture
        A picture file to draw on, scaled to the input.
    samples
        Random pictures over which gradients are averaged.
    seed
        Of the weights and the random pictures.
    out
        The .png or .svg to write; NETWORK-LAYER-field.png here if none.
    json
        Print JSON, nothing else; draw only if --out says where.
    """
    from convatlas.cli.picture_shape import parse_shape
    from convatlas.verbs.field import field as verb

    file = re.sub(r"[^\w.-]+", "-", f"{network}-{layer}-field.png")
    seen = verb(
        network,
        layer,
        unit=_unit(unit),
        input=parse_shape(input),
        samples=samples,
        seed=seed,
        picture=picture,
        out=out if out or json else Path(file),
    )
    if json:
        from dataclasses import asdict
        from json import dumps

        plain = {
            "network": seen.subject.name,
            "layer": seen.row.name,
            "unit": seen.unit,
            "patch": seen.patch,
            "field": asdict(seen.row.field) if seen.row.field else None,
            "sees": seen.row.sees,
            "effective_size": seen.effect.size,
            "samples": seen.effect.samples,
        }
        print(dumps(plain, indent=1))
        return 0
    from convatlas.cli.terminal import console

    out_ = console()
    place = f"unit {seen.unit[0]},{seen.unit[1]} of {seen.row.output_text}"
    out_.print(f"[bold]{network}[/] {layer} ({seen.row.operation}), {place}")
    if seen.patch is None:
        out_.print("sees, in theory: everything")
    else:
        top, left, bottom, right = seen.patch
        out_.print(
            f"sees, in theory: rows {top} to {bottom}, columns {left} to {right} "
            f"({bottom - top + 1}×{right - left + 1} pixels; outside the picture: "
            "padding)"
        )
    out_.print(
        f"in effect: about {seen.effect.size:.0f}×{seen.effect.size:.0f} pixels "
        f"(above 4.55 % of the strongest; {seen.effect.samples} random pictures)"
    )
    out_.print(f"drawn: {seen.picture}")
    return 0


def _unit(text: str | None) -> tuple[int, int] | None:
    from convatlas.errors import UsageError

    if text is None:
        return None
    found = re.fullmatch(r"\s*(\d{1,5})\s*,\s*(\d{1,5})\s*", text)
    if not found:
        raise UsageError(f"--unit {text}: must be row,column, e.g. 3,5")
    return int(found.group(1)), int(found.group(2))
