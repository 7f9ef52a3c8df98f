"""``convatlas lr-find``."""

from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from convatlas.cli.command import new_app
from convatlas.cli.input_size import parse_size
from convatlas.cli.recipe_flags import Flags, as_typed, changes, from_flags
from convatlas.errors import UsageError

app = new_app("lr-find")


@app.default
def lr_find(
    network: str = "lenet5-tanh",
    /,
    *,
    data: str = "digits-5k",
    recipe: str | None = None,
    seed: int = 0,
    device: str = "auto",
    input: str | None = None,
    lowest: float = 1e-5,
    highest: float = 10.0,
    steps: int = 200,
    out: Path = Path("lr-find.png"),
    data_dir: Path | None = None,
    skip_bad: Annotated[bool, Parameter(negative=())] = False,
    flags: Flags = None,
) -> None:
    """Find a learning rate: raise it step by step until the loss explodes.

    Prints the rate where the loss falls steepest and draws the whole course. As the
    peak of a one-cycle schedule, that rate is a good start.

    Parameters
    ----------
    network
        Name of a network.
    data
        Name of a data set.
    recipe
        Whose optimizer, batches and augmentation to use; the network's own if none.
    seed
        Of weights and batches.
    device
        auto, cpu, cuda or mps.
    input
        Height×width the network is built for; as published if none.
    lowest
        First rate.
    highest
        Last rate, if the loss lives that long.
    steps
        Between them.
    out
        The picture to write (.png or .svg).
    data_dir
        Where data sets lie; CONVATLAS_DATA or the cache folder if none.
    skip_bad
        Go on without pictures that cannot be read.
    """
    if not 0 < lowest < highest:
        raise UsageError(
            f"--lowest {lowest:g} --highest {highest:g}: the lowest must be above 0 "
            "and below the highest"
        )
    if steps < 10:
        raise UsageError(f"--steps {steps}: at least 10, to see a course")
    from rich.progress import Progress

    from convatlas.cli.data_progress import DataProgress
    from convatlas.cli.terminal import console
    from convatlas.verbs import lr_find as verb

    out_console = console()
    with (
        DataProgress() as data_progress,
        Progress(console=out_console, transient=True) as progress,
    ):
        task = progress.add_task("raising the rate", total=steps)
        found = verb.find_lr(
            network,
            data,
            recipe=recipe,
            changes=changes(flags),
            seed=seed,
            device=device,
            input_size=parse_size(input),
            lowest=lowest,
            highest=highest,
            steps=steps,
            picture=out,
            data_dir=data_dir,
            skip_bad=skip_bad,
            progress=data_progress,
            watch=lambda point: progress.advance(task),
        )
    if found.suggestion is None:
        out_console.print(
            "no rate made the loss fall: widen --lowest and --highest, take more "
            "--steps, or try another --init",
            style="yellow",
        )
    else:
        given = {} if recipe is None else {"recipe": recipe}
        given |= from_flags(flags) | {"lr": f"{found.suggestion:.1g}"}
        if input is not None:
            given["input"] = input
        out_console.print(
            f"the loss falls steepest at [bold]{found.suggestion:.2g}[/]: try "
            f"convatlas train {network} --data {data} {as_typed(given)}",
            soft_wrap=True,
        )
    if found.picture is not None:
        out_console.print(f"wrote {found.picture}")
