import itertools
import os
import signal
from pathlib import Path

import pytest
import torch

from convatlas.errors import RunError, UsageError
from convatlas.preparation import prepare
from convatlas.recipe import Recipe
from convatlas.runs import Run
from convatlas.training.records import StepRecord
from convatlas.verbs.train import resume, train


def taught_by(path: object, **values: object) -> Recipe:
    return Recipe(epochs=1, batch_size=64, teacher=str(path), **values)


def test_teachers_are_runs_with_commas_between(trained_run: Run) -> None:
    both = f"{trained_run.path}, {trained_run.path}"
    prepared = prepare("lenet5-sigmoid", "digits-5k", recipe=taught_by(both))
    assert prepared.teachers is not None and len(prepared.teachers) == 2
    assert prepare("lenet5", "digits-5k", recipe=Recipe()).teachers is None


@pytest.mark.parametrize(
    ("network", "values", "says"),
    [
        ("lenet5-tanh", {"first_size": 0.5}, "first_size"),
        ("alexnet-gray", {}, "sees other pictures than alexnet-gray"),
    ],
)
def test_teachers_that_see_other_pictures_are_refused(
    network: str, values: dict[str, object], says: str, trained_run: Run
) -> None:
    with pytest.raises(UsageError, match=says) as refused:
        prepare(network, "digits-5k", recipe=taught_by(trained_run.path, **values))
    assert str(trained_run.path) in str(refused.value)


def test_teachers_without_weights_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="nothing"):
        prepare("lenet5-tanh", "digits-5k", recipe=taught_by(tmp_path / "nothing"))


def test_a_taught_training_resumes_bit_for_bit(
    trained_run: Run, tmp_path: Path
) -> None:
    recipe = taught_by(trained_run.path)
    whole = train("lenet5-tanh", "digits-5k", recipe=recipe, out=tmp_path / "a").run

    steps = itertools.count(1)

    def leave(event: object, state: object) -> None:
        if isinstance(event, StepRecord) and next(steps) == 20:
            os.kill(os.getpid(), signal.SIGINT)

    begun = train(
        "lenet5-tanh", "digits-5k", recipe=recipe, out=tmp_path / "b", watch=leave
    )
    assert begun.stopped_by is signal.SIGINT
    again = resume(tmp_path / "b").run
    ours, theirs = again.network().state_dict(), whole.network().state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in theirs)
    alone = train(
        "lenet5-tanh",
        "digits-5k",
        recipe=recipe.changed(teacher=""),
        out=tmp_path / "c",
    ).run.network()
    theirs, ours = theirs.popitem()[1], alone.state_dict().popitem()[1]
    assert not torch.equal(ours, theirs)  # the teacher made a difference
