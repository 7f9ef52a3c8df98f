"""What a search is, what it tried, and the journal that keeps both.

The journal is optuna's: JSON lines, each written at once, readable by its tools.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from convatlas.errors import MissingExtra, UsageError
from convatlas.recipe import Recipe
from convatlas.verbs.search_space import own_draws

if TYPE_CHECKING:
    from optuna import Study

Goal = Literal["accuracy", "time"]

KEPT = 3  # one of so many recipes goes on


@dataclass(frozen=True)
class Search:
    """What is searched for, and how a recipe is tried.

    Attributes:
        network: name of a variant.
        data_name: of a data set.
        base: values that are not varied.
        vary: names of those that are; the usual ones when empty.
        target: validation accuracy that the shortest training shall reach; the best
            accuracy at the recipe's epochs when None.
        pictures: of the training split, the first so many of a fixed order; all when
            None.
        stages: of a try. For an accuracy each is three times as long as the one
            before, for a time each is another seed.
        device, input_size, data_dir: see ``train``.
    """

    network: str
    data_name: str
    base: Recipe
    vary: tuple[str, ...] = ()
    target: float | None = None
    pictures: int | None = None
    stages: int = 3
    device: str = "auto"
    input_size: tuple[int, int] | None = None
    data_dir: Path | None = None

    @property
    def goal(self) -> Goal:
        return "accuracy" if self.target is None else "time"


@dataclass(frozen=True)
class Tried:
    """One recipe of a search, the best of each stage first.

    Attributes:
        number: of the try.
        recipe: what was tried.
        accuracies: on validation, one a finished stage.
        seconds: of the training steps of each stage.
        finished: whether it went through all stages.
    """

    number: int
    recipe: Recipe
    accuracies: tuple[float, ...]
    seconds: tuple[float, ...]
    finished: bool


def opened(search: Search, journal: Path) -> "Study":
    """The search of a journal, or a new one there, whose first try is its base.

    Tries that were interrupted are the next to be made.

    Args:
        search: what for; ``vary`` names all values that are varied.
        journal: the file.

    Raises:
        MissingExtra: optuna is not installed.
        UsageError: the journal is of another search, or no journal.
    """
    try:
        import optuna
        from optuna.storages import JournalStorage
        from optuna.storages.journal import JournalFileBackend
    except ImportError:
        raise MissingExtra("search-recipe", "optuna", "search") from None
    from optuna.trial import TrialState

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    try:
        journal.parent.mkdir(parents=True, exist_ok=True)
        _look_into(journal)
        study = optuna.create_study(
            study_name="recipe",
            storage=JournalStorage(JournalFileBackend(str(journal))),
            direction="maximize",
            load_if_exists=True,
            pruner=optuna.pruners.SuccessiveHalvingPruner(1, KEPT),
        )
    except OSError as error:
        reason = error.strerror or error
        raise UsageError(f"{journal}: cannot be read or written: {reason}") from None
    except (ValueError, KeyError, TypeError):  # other text than optuna's
        raise UsageError(
            f"{journal}: is no journal of a search: give --journal another file"
        ) from None
    # a seed of its own each time, or a search that goes on would repeat itself
    study.sampler = optuna.samplers.TPESampler(seed=len(study.trials))
    settings = _settings(search)
    before = study.user_attrs.get("search")
    if before is None:
        study.set_user_attr("search", settings)
        study.enqueue_trial(own_draws(search.base, search.vary))
    elif before != settings:
        changed = [name for name in settings if before.get(name) != settings[name]]
        raise UsageError(
            f"{journal}: is the journal of another search ({', '.join(changed)} "
            "differ): give --journal another file"
        )
    for trial in study.trials:
        if trial.state == TrialState.RUNNING:  # interrupted or killed
            study.tell(trial.number, state=TrialState.FAIL)
            study.enqueue_trial(trial.params, skip_if_exists=False)
    return study


def _look_into(journal: Path) -> None:
    """optuna would append to any file before it found that it cannot read it."""
    with journal.open("a+b") as file:
        file.seek(0)
        first = file.readline()
    if first:
        json.loads(first)["op_code"]


def _settings(search: Search) -> dict[str, Any]:
    return {
        "network": search.network,
        "data": search.data_name,
        "recipe": search.base.model_dump(),
        "vary": list(search.vary),
        "target": search.target,
        "pictures": search.pictures,
        "input": None if search.input_size is None else list(search.input_size),
        "stages": search.stages,
    }


def read(trial: Any) -> Tried:
    """A try as the journal has it."""
    known = trial.user_attrs
    return Tried(
        trial.number,
        Recipe.checked(known["recipe"], "journal"),
        tuple(known.get("accuracies", ())),
        tuple(known.get("seconds", ())),
        finished=trial.state.name == "COMPLETE",
    )
