"""Training a network on a data set: makes a run, or goes on with one."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from signal import Signals
from time import monotonic

import torch

from convatlas.card import card_text
from convatlas.preparation import Changes, Prepared, prepare
from convatlas.progress import Progress, silent
from convatlas.recipe import Recipe
from convatlas.runs import Run, free_path
from convatlas.tensorboard_events import TensorBoardEvents, summary_writer
from convatlas.training.group import Group
from convatlas.training.interruption import noticing_stops
from convatlas.training.joining import joined
from convatlas.training.loop import fit, steps_of
from convatlas.training.plateau import at_chance
from convatlas.training.records import EpochRecord, StepRecord
from convatlas.training.state import TrainingState
from convatlas.verbs.begin import Loading, begin_run, go_on

SAVE_EVERY_SECONDS = 30.0


@dataclass(frozen=True)
class Started:
    """Before the first step: what is going to happen."""

    run: Run
    prepared: Prepared
    recipe_name: str
    parameters: int
    left_out: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    steps: int
    steps_done: int


@dataclass(frozen=True)
class Warned:
    """Something the user should know; training goes on."""

    message: str


Event = Started | StepRecord | EpochRecord | Warned
Watcher = Callable[[Event, TrainingState], None]


@dataclass(frozen=True)
class Trained:
    """What a training left behind.

    Attributes:
        run: the run.
        best: the epoch whose weights were kept; None if no epoch ended.
        stopped_by: the signal that ended it early, if one did.
        picture: of the learning curves; None before the second epoch's end.

    In a process of torchrun that does not lead, best and picture are None, and the run
    is known but not written here.
    """

    run: Run
    best: EpochRecord | None
    stopped_by: Signals | None
    picture: Path | None


def train(
    network: str = "lenet5-tanh",
    data_name: str = "digits-5k",
    *,
    recipe: Recipe | str | None = None,
    changes: Changes = (),
    seed: int = 0,
    device: str = "auto",
    input_size: tuple[int, int] | None = None,
    out: Path | str | None = None,
    data_dir: Path | None = None,
    skip_bad: bool = False,
    tensorboard: bool = False,
    progress: Progress = silent,
    watch: Watcher | None = None,
) -> Trained:
    """Trains a fresh network and leaves a run directory behind.

    Started by torchrun, all processes train the one network, and one writes the run.

    Args:
        network: name of a variant.
        data_name: of a data set, or ``folder:PATH``.
        recipe: values, or the name or path of a recipe; the network's own when None.
        changes: values that replace the recipe's, each set with where it comes from,
            e.g. ``[("flags", {"lr": 0.01})]``; later ones win.
        seed: of weights, order and augmentation.
        device: ``"auto"``, ``"cpu"``, ``"cuda"``, ``"mps"``.
        input_size: (height, width) the network is built for; as published when None.
        out: the run directory; a new one under ``runs/`` when None.
        data_dir: where data sets lie.
        skip_bad: go on without pictures that cannot be read.
        tensorboard: also write events for TensorBoard into the run.
        progress: told how far downloads and decoding are.
        watch: called with every event, and with the state as it is then.

    Raises:
        Diverged: the loss became NaN or infinite; what was kept before stays.
    """
    loading = Loading(data_dir, skip_bad, progress)

    def prepared(on: str) -> Prepared:
        return prepare(
            network,
            data_name,
            recipe=recipe,
            changes=changes,
            seed=seed,
            device=on,
            input_size=input_size,
            data_dir=data_dir,
            skip_bad=skip_bad,
            progress=progress,
        )

    def path() -> Path:
        word = Path(data_name.removeprefix("folder:")).resolve().name
        return Path(out) if out else free_path(Path("runs"), f"{network}-{word}")

    if tensorboard:
        summary_writer()  # missing is better known before anything is made
    with joined(device) as group:
        begun = group.shared(group.recalled("run"))
        if begun is None:
            run, all_of_it = begin_run(
                group, lambda: prepared(group.device), path, seed, loading
            )
        else:  # torchrun has started the processes again
            run, all_of_it = go_on(group, Path(begun), loading)
        return _trained(group, run, all_of_it, watch, tensorboard)


def resume(
    path: Path | str,
    *,
    device: str = "auto",
    data_dir: Path | None = None,
    skip_bad: bool = False,
    tensorboard: bool = False,
    progress: Progress = silent,
    watch: Watcher | None = None,
) -> Trained:
    """Goes on with a run where its last checkpoint stands, bit for bit.

    Raises:
        RunError: no run, a finished one, or the data set changed since.
    """
    with joined(device) as group:
        run, prepared = go_on(group, Path(path), Loading(data_dir, skip_bad, progress))
        return _trained(group, run, prepared, watch, tensorboard)


def _trained(
    group: Group,
    run: Run,
    prepared: Prepared,
    watch: Watcher | None,
    tensorboard: bool,
) -> Trained:
    """Trains to the end from wherever the run stands."""
    watchers = _watchers(run, watch, tensorboard) if group.leads else []

    def tell(event: Event, state: TrainingState) -> None:
        for watch in watchers:
            watch(event, state)

    way = prepared.plan.execution
    state = TrainingState.fresh(
        prepared.network,
        prepared.recipe,
        run.info.seed,
        group,
        way,
        prepared.teachers,
    )
    saved_before = group.shared(run.load_checkpoint() if run.has_checkpoint else None)
    if saved_before is not None:
        state.load_state_dict(saved_before)
    labels = prepared.train.labels
    per_epoch, steps = steps_of(prepared.recipe, len(labels))
    tell(
        Started(
            run=run,
            prepared=prepared,
            recipe_name=prepared.recipe_name,
            parameters=sum(p.numel() for p in prepared.network.parameters()),
            left_out=prepared.dataset.left_out,
            notes=prepared.notes,
            steps=steps,
            steps_done=state.position.epoch * per_epoch + state.position.step,
        ),
        state,
    )
    alike = {"dim": 0} if labels.ndim > 1 else {}  # which takes ten times as long
    counts = torch.unique(labels, return_counts=True, **alike)[1]
    chance = float(counts.max()) / len(labels)
    saved, warned, stopped_by = monotonic(), False, 0
    with noticing_stops() as stop, way.on_this_machine(prepared.device):
        for record in fit(
            state,
            prepared.train,
            prepared.validation,
            prepared.transform,
            prepared.augmentation,
        ):
            if isinstance(record, EpochRecord):
                run.append_history(record)
                if record.best:
                    run.save_best(state.chosen)
                steps_done = record.epoch * per_epoch
                if not warned and at_chance(record, chance, steps_done):
                    warned = True
                    tell(Warned(_plateau_advice(record, prepared.recipe)), state)
            tell(record, state)
            stopped_by = group.highest(stop.signal or 0)
            epoch_ended = isinstance(record, EpochRecord) and group.fragile
            if stopped_by or epoch_ended or monotonic() - saved > SAVE_EVERY_SECONDS:
                run.save_checkpoint(state.state_dict())
                saved = monotonic()
            if stopped_by:
                break
        else:
            run.save_checkpoint(state.state_dict())
            run.update(replace(run.info, finished=True))
    history = run.history()
    if history:
        run.save_card(card_text(run))
    picture = _drawn(run) if len(history) > 1 else None
    ended_by = Signals(stopped_by) if stopped_by else None
    return Trained(run, run.best_epoch(), ended_by, picture)


def _drawn(run: Run) -> Path:
    # matplotlib costs half a second, which a training of some seconds does not need
    from convatlas.plots.curves import draw_curves
    from convatlas.plots.figure import save

    title = f"{run.info.network['name']} on {run.info.data['name']}"
    curves = draw_curves(run.history(), title)
    return save(curves, run.path / "learning-curves.png")


def _watchers(run: Run, watch: Watcher | None, tensorboard: bool) -> list[Watcher]:
    watchers = [] if watch is None else [watch]
    if tensorboard:
        watchers.append(TensorBoardEvents(run.path / "tensorboard").watch)
    return watchers


def _plateau_advice(record: EpochRecord, recipe: Recipe) -> str:
    other = "xavier" if recipe.init != "xavier" else "kaiming"
    return (
        f"after {record.epoch} epochs the network still guesses (training accuracy "
        f"{record.train_accuracy:.1%}): try another start (--init {other}), a lower "
        f"rate (--lr {recipe.lr / 10:.2g}) or 'convatlas lr-find'"
    )
