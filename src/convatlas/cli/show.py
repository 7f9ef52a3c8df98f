"""``convatlas show``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter

from convatlas.cli.command import new_app

if TYPE_CHECKING:
    from rich.table import Table as Sheet

    from convatlas.anatomy.table import Row, Table
    from convatlas.verbs.show import Shown

HELP = """Show every layer of a network: shapes, parameters, MACs, receptive field.

Works on the networks of the atlas ('convatlas networks' lists them) and on your own:
package.module:Class, or file.py:Class, or a function that returns a network.

Examples: convatlas show lenet5-tanh; convatlas show resnet18 --input 64x128;
convatlas show mynets:Small --input 3x64x64; convatlas show vgg16 --time --batch 4;
convatlas show densenet121 --diagram densenet.svg

A MAC is one multiplication with its addition: two floating-point operations. 'field' is
the side of the patch of the input that one unit sees, the largest over all paths.
"""

app = new_app("show", HELP)

Flag = Annotated[bool, Parameter(negative=())]


@app.default
def show(
    network: str,
    /,
    *,
    input: str | None = None,
    classes: int | None = None,
    depth: int | None = None,
    time: Flag = False,
    batch: int = 16,
    threads: int | None = None,
    diagram: Path | None = None,
    markdown: Flag = False,
    json: Flag = False,
    csv: Flag = False,
) -> int:
    """Show every layer of a network.

    Parameters
    ----------
    network
        A network's name, or package.module:Class of your own.
    input
        Channels×height×width of a picture (3x64x128), height×width (64x128), or a
        side (28); as published if none.
    classes
        Outputs of a network of the atlas; as published if none.
    depth
        Levels of names to show; as many as stay readable if none. JSON and CSV hold
        all.
    time
        Measure each layer: forward and backward milliseconds, billions of MACs per
        second, and their share of what this machine does in a large matrix product.
    batch
        Pictures per measured run.
    threads
        Of the measured runs; as many as there are cores if none.
    diagram
        Draw the network into this .svg file.
    markdown
        Print a Markdown table.
    json
        Print JSON, nothing else.
    csv
        Print CSV, nothing else.
    """
    from convatlas.cli.picture_shape import parse_shape
    from convatlas.errors import UsageError
    from convatlas.verbs.show import show as verb

    if sum((markdown, json, csv)) > 1:
        raise UsageError("one of --markdown, --json and --csv at a time")
    if depth is not None and depth < 1:
        raise UsageError(f"--depth {depth}: must be at least 1")
    shown = verb(
        network,
        input=parse_shape(input),
        classes=classes,
        time=time,
        batch=batch,
        threads=threads,
    )
    if diagram is not None:
        _draw(shown, diagram)
    if json:
        _print_json(shown, depth)
    elif csv:
        from convatlas.anatomy.writing import as_csv

        print(as_csv(shown.table, depth))
    elif markdown:
        from convatlas.anatomy.writing import as_markdown

        print(as_markdown(shown.table, depth))
    else:
        _print(shown, depth, diagram)
    return 0


def _draw(shown: "Shown", path: Path) -> None:
    from convatlas.verbs.diagram import draw_diagram

    draw_diagram(shown.table, path, shown.subject.name)


def _print_json(shown: "Shown", depth: int | None) -> None:
    from dataclasses import asdict
    from json import dumps

    from convatlas.anatomy.writing import as_dict

    values = {"name": shown.subject.name, **as_dict(shown.table, depth)}
    if shown.timing is not None:
        values["timing"] = {"processor": shown.processor, **asdict(shown.timing)}
    print(dumps(values, ensure_ascii=False, indent=1))


def _print(shown: "Shown", depth: int | None, diagram: Path | None) -> None:
    from convatlas.anatomy.writing import readable_depth, si
    from convatlas.cli.terminal import console, print_table

    table, out = shown.table, console()
    deepest = 1 + max((row.depth for row in table.rows), default=0)
    shallow = depth or readable_depth(table)
    head = f"[bold]{shown.subject.name}[/]"
    if shown.subject.title:
        head += f"  {shown.subject.title}"
    out.print(f"{head}, input {'×'.join(map(str, table.input))}")
    print_table(out, _layers(shown, shallow))
    layers = f"{table.layers} layer{'s' * (table.layers != 1)} deep"
    out.print(
        f"{table.parameters:,} parameters ({_bytes(table.parameter_bytes)}), "
        f"{si(table.macs)}MACs and {_bytes(table.activation_bytes)} of activations "
        f"a picture, {layers} (convolutional and fully connected)"
    )
    if shown.timing is not None:
        _print_timing(shown)
    if shallow < deepest:
        rest = sum(row.depth >= shallow for row in table.rows)
        out.print(f"{rest} rows inside are not shown; --depth {deepest}", style="dim")
    if diagram is not None:
        out.print(f"drawn: {diagram}")


def _layers(shown: "Shown", depth: int) -> "Sheet":
    from convatlas.anatomy.writing import rows_to
    from convatlas.cli.terminal import new_table

    columns = ["layer", "operation", ">output"]
    if shown.timing is None:
        columns += [">parameters", ">", ">MACs", ">", ">memory", ">field"]
    else:
        columns += [">MACs", ">", ">forward", ">", ">backward", ">GMAC/s", ">of peak"]
    sheet = new_table(*columns)
    sheet.padding = (0, 1, 0, 0)
    sheet.columns[0].max_width = 26
    sheet.columns[1].overflow = "ellipsis"
    for row, folded in rows_to(shown.table, depth):
        sums = not row.leaf and not folded
        style = "dim" if sums or not row.called else ""
        sheet.add_row(*_cells(shown, row, sums), style=style)
    return sheet


def _cells(shown: "Shown", row: "Row", sums: bool) -> list[str]:
    from convatlas.anatomy.writing import share_text

    table = shown.table
    name = row.name.removesuffix("()")
    name = name.rpartition(".")[2] + "()" * row.name.endswith("()") or table.name
    name = "  " * row.depth + name + (f" ({row.call})" if row.call > 1 else "")
    cells = [name, row.operation, row.output_text]
    if shown.timing is not None:
        return cells + _measured(shown, row, sums)
    parameters = row.total_parameters
    cells += [f"{parameters:,}" if parameters else ""]
    cells += ["" if sums else share_text(parameters, table.parameters)]
    cells += _work(table, row, sums)
    memory = _bytes(row.activation_bytes) if row.called else ""
    return [*cells, memory, row.field_text if row.called else ""]


def _work(table: "Table", row: "Row", sums: bool) -> list[str]:
    """MACs and their share."""
    from convatlas.anatomy.writing import share_text, si

    macs = row.total_macs
    share = "" if sums else share_text(macs, table.macs)
    return [si(macs) if macs else "", share]


def _measured(shown: "Shown", row: "Row", sums: bool) -> list[str]:
    """MACs and their share, milliseconds and their share, how well the work goes."""
    from convatlas.anatomy.writing import share_text

    assert shown.timing is not None
    cells = _work(shown.table, row, sums)
    timed = _timed(shown, row)
    if timed is None:
        return [*cells, "", "", "", "", ""]
    forward, backward = timed
    whole = sum(layer.forward for layer in shown.timing.layers)
    macs = row.total_macs
    rate = macs * shown.timing.batch / forward if macs and forward else 0.0
    cells += [_ms(forward), "" if sums else share_text(forward, whole)]
    cells += [_ms(backward) if backward else "", f"{rate / 1e9:.1f}" if rate else ""]
    return [*cells, f"{rate / shown.timing.peak:.0%}" if rate else ""]


def _timed(shown: "Shown", row: "Row") -> tuple[float, float] | None:
    """Seconds forward and backward of a row, or of all layers inside it."""
    assert shown.timing is not None
    layers = shown.timing.layers
    if row.leaf:
        inside = [x for x in layers if (x.name, x.call) == (row.name, row.call)]
    else:
        inside = [x for x in layers if x.name.startswith(f"{row.name}.")]
    if not inside:
        return None
    return sum(x.forward for x in inside), sum(x.backward for x in inside)


def _print_timing(shown: "Shown") -> None:
    from convatlas.cli.terminal import console

    timing = shown.timing
    assert timing is not None
    forward = sum(x.forward for x in timing.layers)
    backward = sum(x.backward for x in timing.layers)
    rate = shown.table.macs * timing.batch / timing.forward
    console().print(
        f"layers of a batch of {timing.batch}: {_ms(forward)} forward, "
        f"{_ms(backward)} backward (medians, warm); whole forward "
        f"{_ms(timing.forward)}, {timing.batch / timing.forward:,.0f} pictures/s, "
        f"{rate / 1e9:.1f} GMAC/s\n{shown.processor}, {timing.threads} "
        f"thread{'s' * (timing.threads != 1)}; large matrix product "
        f"{timing.peak / 1e9:.1f} GMAC/s"
    )


def _ms(seconds: float) -> str:
    value = seconds * 1e3
    return f"{value:.0f} ms" if value >= 99.5 else f"{value:.{1 + (value < 10)}f} ms"


def _bytes(size: float) -> str:
    """``"1.2 MB"``."""
    from convatlas.anatomy.writing import si

    return f"{si(size)}B" if size >= 1000 else f"{size:.0f} B"
