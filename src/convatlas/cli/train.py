"""``convatlas train``."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from convatlas.cli.command import new_app
from convatlas.cli.input_size import parse_size
from convatlas.cli.recipe_flags import Flags, changes, from_flags
from convatlas.errors import UsageError

app = new_app("train")


@app.default
def train(
    network: str | None = None,
    /,
    *,
    data: str | None = None,
    recipe: str | None = None,
    seed: int = 0,
    device: str = "auto",
    input: str | None = None,
    out: Path | None = None,
    resume: Path | None = None,
    data_dir: Path | None = None,
    skip_bad: Annotated[bool, Parameter(negative=())] = False,
    tensorboard: Annotated[bool, Parameter(negative=())] = False,
    progress: Literal["text", "jsonl"] = "text",
    flags: Flags = None,
) -> int:
    """Train a network; leaves a run directory behind.

    The recipe is the network's own for that data set or one like it ('convatlas
    recipes' lists all), or the one that --recipe names. Its values are replaced by
    those in the environment (CONVATLAS_LR=.01) and these by the flags below (--lr .01).

    Ctrl-C saves and stops; --resume goes on as if nothing had happened.

    Several processes train one network when torchrun starts them (docs/scaling.md);
    the batch size stays that of all together:
    torchrun --nproc-per-node=2 -m convatlas train ...

    Examples:

    * convatlas train
    * convatlas train lenet5-sigmoid --data fashion-mnist --epochs 5
    * convatlas train --recipe tutorial-003-lenet --data mnist --seed 1
    * convatlas train resnet20 --data folder:my-pictures --flip
    * convatlas train --resume runs/lenet5-tanh-digits-5k-1

    Parameters
    ----------
    network
        Name of a network ('convatlas networks' lists them); lenet5-tanh if none.
    data
        Name of a data set ('convatlas data' lists them), or folder:PATH with one folder
        of pictures a class; digits-5k, which needs no download, if none.
    recipe
        Name of a shipped recipe, or a TOML file.
    seed
        Of weights, order of the pictures and augmentation: same seed, same weights, if
        the speed options are the same (--fast auto may choose others when it is busy).
    device
        auto, cpu, cuda or mps.
    input
        Height×width the network is built for, e.g. 32 or 64x128; as published if none.
    out
        The run directory to make; a new one in runs/ if none.
    resume
        A run to go on with; needs no other argument.
    data_dir
        Where data sets lie; CONVATLAS_DATA or the cache folder if none.
    skip_bad
        Go on without pictures that cannot be read, and list them.
    tensorboard
        Also write events for TensorBoard into the run (extra: tensorboard).
    progress
        text, or jsonl: a line of JSON for every event, with the first filters and the
        worst mistakes after each epoch, for programs (docs/serving.md).
    """
    from convatlas.data import reading_ahead

    if resume is None and data is not None:
        reading_ahead.begin(data, data_dir)  # while torch is being imported

    from convatlas.cli.data_progress import DataProgress
    from convatlas.cli.terminal import console, percent
    from convatlas.cli.training_display import TrainingDisplay
    from convatlas.cli.training_lines import TrainingLines
    from convatlas.launch import Launch
    from convatlas.verbs import train as verb

    launch = Launch.found()
    lines = TrainingLines() if progress == "jsonl" else None
    out_console = console(quiet=bool(lines or (launch is not None and launch.rank > 0)))
    size = parse_size(input)
    with DataProgress() as bars, TrainingDisplay(out_console) as display:
        watch = display.watch if lines is None else lines.watch
        if resume is not None:
            _refuse_changes(network, data, recipe, out, input, from_flags(flags))
            trained = verb.resume(
                resume,
                device=device,
                data_dir=data_dir,
                skip_bad=skip_bad,
                tensorboard=tensorboard,
                progress=bars,
                watch=watch,
            )
        else:
            trained = verb.train(
                network or "lenet5-tanh",
                data or "digits-5k",
                recipe=recipe,
                changes=changes(flags),
                seed=seed,
                device=device,
                input_size=size,
                out=out,
                data_dir=data_dir,
                skip_bad=skip_bad,
                tensorboard=tensorboard,
                progress=bars,
                watch=watch,
            )
    run = trained.run.path
    if lines is not None:
        lines.ended(trained)
    if trained.best is not None:
        out_console.print(
            f"kept epoch {trained.best.epoch}: validation accuracy "
            f"[bold]{percent(trained.best.validation_accuracy)}[/]"
        )
    if trained.picture is not None:
        out_console.print(f"learning curves: {trained.picture}")
    if trained.stopped_by is not None:
        out_console.print(
            f"stopped and saved; go on with: convatlas train --resume {run}",
            style="yellow",
        )
        return 128 + trained.stopped_by
    out_console.print(f"run: [bold]{run}[/]   next: convatlas evaluate {run}")
    return 0


def _refuse_changes(
    network: str | None,
    data: str | None,
    recipe: str | None,
    out: Path | None,
    input: str | None,
    flags: dict[str, object],
) -> None:
    named: dict[str, object] = {
        "NETWORK": network,
        "--data": data,
        "--recipe": recipe,
        "--out": out,
        "--input": input,
        **{f"--{name.replace('_', '-')}": value for name, value in flags.items()},
    }
    for flag, value in named.items():
        if value is not None:
            raise UsageError(
                f"{flag} {value} cannot go with --resume: the run keeps what it began "
                "with; start a new one to change it"
            )
