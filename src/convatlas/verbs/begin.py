"""A run and all that its training needs, in every process that takes part.

The process that leads prepares first, so that nothing is downloaded, measured or
decided twice; the others prepare what its run says.
"""

import shlex
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from convatlas import machine
from convatlas.errors import RunError, UsageError
from convatlas.preparation import Prepared, prepare_again
from convatlas.progress import Progress, silent
from convatlas.recipe import Recipe
from convatlas.runs import Run, RunElsewhere, RunInfo
from convatlas.training.group import Group
from convatlas.verbs.decided import decided, decided_before


@dataclass(frozen=True)
class Loading:
    """How a data set is found and read.

    Attributes:
        data_dir: where data sets lie.
        skip_bad: go on without pictures that cannot be read.
        progress: told how far downloads and decoding are.
    """

    data_dir: Path | None = None
    skip_bad: bool = False
    progress: Progress = silent


def begin_run(
    group: Group,
    prepare: Callable[[], Prepared],
    path: Callable[[], Path],
    seed: int,
    loading: Loading,
) -> tuple[Run, Prepared]:
    """Makes a run.

    Args:
        group: the processes that train together.
        prepare: called by the one that leads.
        path: of the directory to make, asked for when all else is known to be well.
        seed: of the training.
        loading: for the others.
    """

    def lead() -> tuple[Run, Prepared]:
        prepared = _noted(decided(prepare(), alone=group.size == 1), group)
        _refuse_small_batches(prepared.recipe, group)
        return Run.create(path(), described(prepared, seed)), prepared

    return _by_all(group, lead, loading)


def go_on(group: Group, path: Path, loading: Loading) -> tuple[Run, Prepared]:
    """Takes up a run.

    Raises:
        RunError: no run, a finished one, or the data set changed since.
    """

    def lead() -> tuple[Run, Prepared]:
        run = Run(path)
        # processes that ended after the last step and started again find it finished
        if run.info.finished and group.recalled("run") is None:
            raise RunError(
                f"{path}: is finished; 'convatlas evaluate {path}' comes next"
            )
        _refuse_small_batches(run.info.recipe, group)
        prepared = _noted(_prepared_again(run, group, loading), group)
        if run.info.machine.get("speed") != prepared.plan.to_json():
            run.update(replace(run.info, machine=_machine(prepared)))
        return run, prepared

    return _by_all(group, lead, loading)


def _by_all(
    group: Group, lead: Callable[[], tuple[Run, Prepared]], loading: Loading
) -> tuple[Run, Prepared]:
    if group.leads:
        run, prepared = lead()
        group.remember("run", str(run.path))
        group.shared((run.path, run.info))
    else:
        run = RunElsewhere(*group.shared(None))
        prepared = _prepared_again(run, group, replace(loading, progress=silent))
    group.meet()
    return run, prepared


def _prepared_again(run: Run, group: Group, loading: Loading) -> Prepared:
    prepared = prepare_again(
        run,
        device=group.device,
        data_dir=loading.data_dir,
        skip_bad=loading.skip_bad,
        progress=loading.progress,
    )
    return decided_before(prepared, run.info, alone=group.size == 1)


def _noted(prepared: Prepared, group: Group) -> Prepared:
    if not group.note:
        return prepared
    return replace(prepared, notes=(group.note, *prepared.notes))


def _refuse_small_batches(recipe: Recipe, group: Group) -> None:
    least = 2 * group.size
    if group.size > 1 and recipe.batch_size < least:
        raise UsageError(
            f"batch_size = {recipe.batch_size} for {group.size} processes: it is that "
            "of all together, and each needs two pictures of a batch; raise it to at "
            f"least {least}, or start fewer processes (--nproc-per-node)"
        )


def described(prepared: Prepared, seed: int) -> RunInfo:
    """What ``run.json`` says about a training that begins."""
    dataset = prepared.dataset
    return RunInfo(
        network=prepared.arguments,
        data={
            "name": dataset.name,
            "sha256": dataset.sha256,
            "licence": dataset.licence,
            "centred_digits": dataset.centred_digits,
            "train": len(dataset.train),
            "validation": len(dataset.validation),
        },
        images=dataset.spec,
        labels=dataset.labels,
        preprocess=prepared.preprocess.config(),
        recipe=prepared.recipe,
        seed=seed,
        machine=_machine(prepared),
        command=shlex.join(sys.argv),
        commit=machine.commit(),
        started=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _machine(prepared: Prepared) -> dict[str, Any]:
    here = machine.described(prepared.device)
    return {
        **here,
        "threads": prepared.plan.execution.threads or here["threads"],
        "notes": list(prepared.notes),
        "speed": prepared.plan.to_json(),
    }
