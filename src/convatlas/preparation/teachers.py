"""The runs that a recipe names as teachers, checked against what they are to teach."""

from pathlib import Path

import torch

from convatlas.data.preprocess import Preprocess
from convatlas.errors import UsageError
from convatlas.networks import find
from convatlas.recipe import Recipe
from convatlas.runs import Run
from convatlas.training.teachers import Teachers


def teachers_of(
    recipe: Recipe, name: str, preprocess: Preprocess, device: torch.device
) -> Teachers | None:
    """None where the recipe has no teacher.

    Args:
        recipe: its ``teacher`` names runs, with commas between.
        name: of the network that is to be taught.
        preprocess: to its input.
        device: for the teachers.

    Raises:
        UsageError: one that sees other pictures, or answers in another form.
        RunError: no run, or one without weights.
    """
    if not recipe.teacher:
        return None
    if find(name).answers == "box":
        raise UsageError(
            f"teacher = {recipe.teacher!r}: {name} says where a number is, and only "
            "networks that tell classes or digits can be taught"
        )
    if recipe.first_size < 1:
        raise UsageError(
            f"teacher = {recipe.teacher!r}: sees what the network sees, so the inputs "
            f"cannot grow: set first_size = 1 (now {recipe.first_size:g})"
        )
    return Teachers(
        [
            _checked(Run(Path(path.strip())), name, preprocess).network(device)
            for path in recipe.teacher.split(",")
        ]
    )


def _checked(run: Run, name: str, preprocess: Preprocess) -> Run:
    theirs = run.info.network["name"]
    here, there = preprocess.config(), run.info.preprocess
    if find(theirs).answers != find(name).answers:
        raise UsageError(
            f"teacher = {str(run.path)!r}: {theirs} answers in another form than {name}"
        )
    if there != here:
        differ = ", ".join(key for key in here if here[key] != there.get(key))
        raise UsageError(
            f"teacher = {str(run.path)!r}: sees other pictures than {name} will "
            f"({differ}); it has to be trained on the same data set and input size"
        )
    return run
