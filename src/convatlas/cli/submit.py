"""``convatlas submit``."""

from pathlib import Path

from convatlas.cli.command import new_app

app = new_app("submit")


@app.default
def submit(
    run: Path,
    /,
    *,
    data: str = "mchar",
    out: Path = Path("submission.csv"),
    data_dir: Path | None = None,
    device: str = "auto",
) -> None:
    """Read a contest's test pictures with a run; write its submission.

    The file has the columns file_name and file_code, a row for each picture in the
    order of the names, as the contest Tianchi 531795 wants it. A number is never left
    empty.

    Parameters
    ----------
    run
        A run directory of a network that reads house numbers.
    data
        The data set whose test pictures are read.
    out
        The file to write; one that is there is replaced.
    data_dir
        Where data sets lie; CONVATLAS_DATA or the cache folder if none.
    device
        auto, cpu, cuda or mps.
    """
    from convatlas.cli.data_progress import DataProgress
    from convatlas.cli.terminal import console, percent
    from convatlas.verbs import submit as verb

    with DataProgress() as progress:
        written = verb.submit(
            run,
            out,
            data_name=data,
            data_dir=data_dir,
            device=device,
            progress=progress,
        )
    shown = console()
    if written.cut_out:
        console(errors=True).print(
            "warning: this run learned from numbers that were cut out, and was shown "
            "whole pictures; expect little of it (--view whole trains for them)",
            style="yellow",
        )
    shown.print(
        f"wrote [bold]{written.out}[/]: {written.count:,} numbers, mean confidence "
        f"{percent(written.confidence)}"
    )
    if written.forced:
        shown.print(
            f"{written.forced:,} of them where nothing was seen: the likeliest number"
        )
