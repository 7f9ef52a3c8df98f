"""A training as it is seen in the terminal: a row an epoch, a live line below."""

from time import monotonic

from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from convatlas.cli.terminal import percent
from convatlas.recipe import Recipe
from convatlas.training.records import EpochRecord, StepRecord
from convatlas.training.state import TrainingState
from convatlas.verbs.train import Event, Started, Warned

REFRESH_SECONDS = 0.1
LOG_SECONDS = 10.0
HEADER = "epoch  train loss  train acc.    val. loss   val. acc.       rate    images/s"


class _Speed(ProgressColumn):
    def render(self, task: Task) -> Text:
        return Text(f"{task.fields['speed']:,.0f} images/s")


class TrainingDisplay:
    """Shows the events of a training; a context manager.

    In a terminal a progress line with loss, accuracy, speed and time left is kept up
    to date; elsewhere a plain line is printed an epoch, in long ones every ten seconds.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live = console.is_terminal
        self._shown = monotonic()
        self._progress = Progress(
            TextColumn("epoch {task.fields[epoch]}"),
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>3.0f} %"),
            TextColumn(
                "loss {task.fields[loss]:.4f}  acc. {task.fields[accuracy]:.1%}"
            ),
            _Speed(),
            TimeRemainingColumn(),
            TextColumn("left"),
            console=console,
            auto_refresh=False,
            transient=True,
        )
        self._task = self._progress.add_task(
            "", total=None, epoch="1", loss=0.0, accuracy=0.0, speed=0.0
        )
        self._done = 0

    def __enter__(self) -> "TrainingDisplay":
        return self

    def __exit__(self, *error: object) -> None:
        if self._progress.live.is_started:  # else rich would print an empty line
            self._progress.stop()

    def watch(self, event: Event, state: TrainingState) -> None:
        """To be passed to ``train``."""
        if isinstance(event, Started):
            self._begin(event, state)
        elif isinstance(event, StepRecord):
            self._step(event, state)
        elif isinstance(event, EpochRecord):
            self._console.print(_row(event))
            self._shown = monotonic()
        elif isinstance(event, Warned):
            self._console.print(f"warning: {event.message}", style="yellow")

    def _begin(self, event: Started, state: TrainingState) -> None:
        info = event.run.info
        machine = info.machine
        self._console.print(
            f"[bold]{info.network['name']}[/] on [bold]{info.data['name']}[/]: "
            f"{event.parameters:,} parameters, {info.data['train']:,} pictures to "
            f"train on, {info.data['validation']:,} to validate"
        )
        self._console.print(
            f"[dim]{machine['processor']}, {machine['device']}, {machine['threads']} "
            f"threads; seed {info.seed}[/]"
        )
        self._console.print(
            f"[dim]recipe {event.recipe_name}: {summary(info.recipe)}[/]"
        )
        if event.steps_done:
            self._console.print(
                f"goes on after step {event.steps_done} of {event.steps}"
            )
        for note in event.notes:
            self._console.print(note, style="yellow" if "warning" in note else "dim")
        for file, reason in event.left_out:
            self._console.print(f"left out {file}: {reason}", style="yellow")
        self._console.print(HEADER, style="dim")
        self._done = event.steps_done
        self._progress.update(self._task, total=event.steps, completed=event.steps_done)
        if self._live:
            self._progress.start()

    def _step(self, event: StepRecord, state: TrainingState) -> None:
        self._done += 1
        now = monotonic()
        if now - self._shown < (REFRESH_SECONDS if self._live else LOG_SECONDS):
            return
        self._shown = now
        loss, accuracy = state.running
        speed = state.position.seen / max(state.position.seconds, 1e-9)
        if not self._live:
            self._console.print(
                f"{event.epoch:>5}  step {event.step} of {event.steps}: "
                f"loss {loss:.4f}, acc. {percent(accuracy)}, {speed:,.0f} images/s"
            )
            return
        self._progress.update(
            self._task,
            completed=self._done,
            epoch=f"{event.epoch}/{state.recipe.epochs:g}",
            loss=loss,
            accuracy=accuracy,
            speed=speed,
            refresh=True,
        )


def summary(recipe: Recipe) -> str:
    """The values that matter: the main ones, and all that are not the defaults."""
    always = ("epochs", "batch_size", "optimizer", "lr", "schedule")
    usual = Recipe()
    parts = [
        f"{name} {value:g}" if isinstance(value, float) else f"{name} {value}"
        for name, value in recipe.model_dump().items()
        if name in always or value != getattr(usual, name)
    ]
    return ", ".join(parts)


def _row(record: EpochRecord) -> str:
    loss = "–" if record.validation_loss is None else f"{record.validation_loss:.4f}"
    return (
        f"{record.epoch:>5}  {record.train_loss:>10.4f}  "
        f"{percent(record.train_accuracy):>8}  {loss:>9}  "
        f"{percent(record.validation_accuracy):>8}  {record.lr:>7.1g}  "
        f"{record.images_per_second:>8,.0f}{'  kept' if record.best else ''}"
    )
