"""How a prepared training is carried out on this machine."""

from dataclasses import replace

from convatlas import machine
from convatlas.preparation import Prepared
from convatlas.runs import RunInfo
from convatlas.training.loop import steps_of
from convatlas.training.speed.deciding import decide
from convatlas.training.speed.plan import Plan


def decided(
    prepared: Prepared, *, steps: int | None = None, alone: bool = True
) -> Prepared:
    """With a plan; see ``training.speed.deciding``.

    Args:
        prepared: by ``prepare``.
        steps: that are to be made; those of the recipe when None.
        alone: whether no other process takes part.
    """
    plan = decide(
        prepared.network,
        prepared.recipe,
        prepared.train,
        prepared.transform,
        prepared.augmentation,
        steps=steps or steps_of(prepared.recipe, len(prepared.train))[1],
        alone=alone,
    )
    return _planned(prepared, plan)


def decided_before(prepared: Prepared, info: RunInfo, *, alone: bool) -> Prepared:
    """With the plan that a run began with, so that it goes on bit for bit; with a new
    one on another machine, and among several processes, which are never measured.

    Args:
        prepared: by ``prepare_again``.
        info: of the run.
        alone: whether no other process takes part.
    """
    here = machine.described(prepared.device)
    kept = info.machine.get("speed")
    same = all(here[name] == info.machine.get(name) for name in ("processor", "device"))
    if kept is None or not same or not alone:
        return decided(prepared, alone=alone)
    return _planned(prepared, Plan.from_json(kept))


def _planned(prepared: Prepared, plan: Plan) -> Prepared:
    warnings = [f"warning: {text}" for text in plan.warnings]
    return replace(
        prepared,
        plan=plan,
        recipe=prepared.recipe.changed(precision=plan.execution.precision),
        notes=(*prepared.notes, *warnings, plan.line()),
    )
