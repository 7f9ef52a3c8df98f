"""``convatlas export``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from convatlas.cli.command import new_app
from convatlas.errors import UsageError

if TYPE_CHECKING:
    from convatlas.verbs.export import Converted, Exported
    from convatlas.verbs.export_reader import ExportedReader

app = new_app("export")


@app.default
def export(
    run: Annotated[list[Path], Parameter(consume_multiple=True)],
    /,
    *,
    out: Path | None = None,
    precision: Literal["float32", "fp16", "int8"] = "float32",
    finder: Annotated[list[Path] | None, Parameter(consume_multiple=True)] = None,
    margins: Annotated[list[float] | None, Parameter(consume_multiple=True)] = None,
    turns: Annotated[list[float] | None, Parameter(consume_multiple=True)] = None,
    again: Annotated[list[float] | None, Parameter(consume_multiple=True)] = None,
    every_box: Annotated[bool, Parameter(negative=())] = False,
    combine: Literal["mean", "surest", "mixture"] = "mean",
    decode: Literal["blank", "likeliest"] = "likeliest",
    test: Annotated[bool, Parameter(negative=())] = False,
    data_dir: Path | None = None,
) -> None:
    """Write a run as an ONNX file, or two runs as a reader of house numbers.

    The file takes pictures as bytes (N × channels × height × width, uint8, any N); the
    pre-processing of the run is part of it. Its answers are compared with those of
    torch first; if they are off, nothing is written.

    With --finder a folder is written that 'convatlas read --reader FOLDER' reads with:
    one network finds the number in a whole picture, the run reads what is cut out. It
    is measured on validation pictures, and its confidence is made honest there.

    Examples: convatlas export runs/resnet20-cifar10-1 --out resnet20.onnx;
    convatlas export READER [READER ...] --finder FINDER --out reader --precision int8

    Parameters
    ----------
    run
        A run directory; with --finder also several that read together.
    out
        The file (model.onnx in the run if none), or with --finder the folder.
    precision
        float32; fp16: weights at half the size, as fast; int8: computed in integers,
        calibrated on training pictures.
    finder
        A run that finds numbers, or several, each for itself: write a reader instead
        of a file.
    margins
        Of a reader: looks at each box with these margins a side, shares of the box.
    turns
        Of a reader: looks at numbers that are cut out already ('read --whole'), turned
        by so many degrees each.
    again
        Of a reader: look for the box again in a window so many times its size.
    every_box
        Of a reader: read every box found on the way, not the last alone.
    combine
        Of a reader: several looks are averaged digit by digit, or the surest one
        counts, or they are averaged as whole numbers (mixture).
    decode
        Of a reader: up to the first blank, or the likeliest number as a whole.
    test
        Of a reader: measure it on the test pictures, too. Once, for the one you keep.
    data_dir
        Where data sets lie; CONVATLAS_DATA or the cache folder if none.
    """
    from convatlas.cli.data_progress import DataProgress

    if not finder:
        from convatlas.verbs.export import export as write

        if margins or turns or again or every_box or test:
            raise UsageError(
                "--margins, --turns, --again, --every-box and --test belong to a "
                "reader: add --finder RUN"
            )
        if len(run) > 1:
            raise UsageError(
                f"{len(run)} runs: one file holds one run; several read together "
                "behind --finder RUN"
            )
        with DataProgress() as progress:
            written = write(
                run[0], out, precision=precision, data_dir=data_dir, progress=progress
            )
        _show(written)
        return
    from convatlas.verbs.export_reader import MARGINS, TURNS, export_reader

    if out is None:
        raise UsageError("--out: name the folder of the reader")
    with DataProgress() as progress:
        reader = export_reader(
            run,
            finder,
            out,
            precision=precision,
            margins=margins or MARGINS,
            turns=turns or TURNS,
            again=again or (),
            every_box=every_box,
            combine=combine,
            rule=decode,
            test=test,
            data_dir=data_dir,
            progress=progress,
        )
    _show_reader(reader)


def _show(written: "Exported") -> None:
    from convatlas.cli.terminal import console

    out = console()
    shape = "×".join(map(str, written.shape))
    out.print(
        f"wrote {written.path}: {written.size_bytes / 1e6:.2f} MB, {written.precision}"
    )
    out.print(f"takes images, N×{shape}, uint8; gives {written.output}")
    out.print(_parity(written))


def _parity(one: "Exported | Converted") -> str:
    """How far the answers are from torch's, and what int8 kept."""
    text = (
        f"largest difference from torch {one.off:.2g} (answers up to {one.largest:.3g})"
    )
    if one.kept is not None:
        text += (
            f"; score on {one.kept.count:,} validation pictures {one.kept.score:.4f}, "
            f"in float32 {one.kept.before:.4f}"
        )
    return text


def _show_reader(reader: "ExportedReader") -> None:
    from convatlas.cli.terminal import console, new_table, percent, print_table
    from convatlas.exporting.reader_card import temperatures

    out = console()
    out.print(f"wrote {reader.bundle.folder}: {reader.size_bytes / 1e6:.2f} MB")
    for finder in reader.finders:
        out.print(f"finder: {_parity(finder)}")
    out.print(f"reader: {_parity(reader.reader)}")
    out.print(f"temperature {temperatures(reader.bundle)}")
    table = new_table(
        "pictures", "shown", ">n", ">right", ">95 % interval", ">coverage at 98 %"
    )
    for one in reader.bundle.about["figures"]:
        low, high = one["interval"]
        table.add_row(
            f"{one['data']}, {one['split']}",
            one["shown"],
            f"{one['count']:,}",
            percent(one["accuracy"]),
            f"{percent(low)} to {percent(high)}",
            percent(one["coverage_at_98"]),
        )
    print_table(out, table)
    out.print(f"next: convatlas read PICTURE --reader {reader.bundle.folder}")
