"""Where a search looks for a recipe: a range or some choices for each value.

The values of the recipe that it begins with belong to it, wherever they lie.
"""

from dataclasses import dataclass, replace
from typing import Any, Protocol

from convatlas.errors import UnknownName, UsageError
from convatlas.networks.registry import find
from convatlas.recipe import Recipe


@dataclass(frozen=True)
class Range:
    """Numbers between two ends; ``log``: by their size, as rates are."""

    low: float
    high: float
    log: bool = True


@dataclass(frozen=True)
class Choice:
    """One of some values."""

    values: tuple[Any, ...]


# Rates, momentum and decay mean something else under another optimizer.
RATES = {
    "sgd": Range(0.01, 1.0),
    "adam": Range(3e-4, 0.03),
    "adamw": Range(3e-4, 0.03),
    "muon": Range(1e-3, 0.1),
}
DECAYS = {
    "sgd": Range(1e-6, 1e-3),
    "adam": Range(1e-7, 1e-4),
    "adamw": Range(1e-3, 0.3),
    "muon": Range(1e-3, 0.3),
}
SPACE: dict[str, Range | Choice] = {
    "epochs": Range(0.3, 3.0),
    "batch_size": Choice((32, 64, 128, 256)),
    "optimizer": Choice(("adamw", "muon", "sgd")),
    "lr": RATES["adamw"],
    "momentum": Choice((0.85, 0.9, 0.95)),
    "weight_decay": DECAYS["adamw"],
    "warmup": Range(0.05, 0.4, log=False),
    "clip": Choice((0.0, 1.0)),
    "label_smoothing": Choice((0.0, 0.05, 0.1)),
    "ema": Choice((0.0, 0.98, 0.99, 0.995)),
    "init": Choice(("paper", "kaiming", "xavier")),
    "first_size": Choice((1.0, 0.75, 0.5)),
    "resize_until": Choice((0.3, 0.5, 0.7)),
    "shift": Choice((0.0, 0.04, 0.08)),
    "rotation": Choice((0.0, 5.0, 10.0)),
    "scale": Choice((0.0, 0.1)),
    "shear": Choice((0.0, 5.0, 10.0)),
    "erasing": Choice((0.0, 0.25, 0.5)),
    "flip": Choice((False, True)),
}
USUAL = (
    *("batch_size", "optimizer", "lr", "momentum", "weight_decay", "warmup", "clip"),
    *("label_smoothing", "ema", "rotation"),
)
MOVED = ("shift", "scale")  # pictures of one thing, in its place or beside it
VIEWED = ("shear", "erasing")  # street pictures have windows of many sizes anyway


class Drawing(Protocol):
    """What a search library offers to draw a value: optuna's ``Trial``."""

    def suggest_float(
        self, name: str, low: float, high: float, *, log: bool = False
    ) -> float: ...

    def suggest_categorical(self, name: str, choices: Any) -> Any: ...


def usual(goal: str, network: str) -> tuple[str, ...]:
    """What a search varies if it is not told."""
    moves = MOVED if find(network).answers == "class" else VIEWED
    return (*(("epochs",) if goal == "time" else ()), *USUAL, *moves)


def checked(names: tuple[str, ...], goal: str, network: str) -> tuple[str, ...]:
    """The names of the values to vary; the usual ones of the network if none are given.

    Raises:
        UnknownName: a value that no search varies.
        UsageError: epochs are varied while they are what accuracies are compared at.
    """
    for name in names:
        if name.replace("-", "_") not in SPACE:
            hint = f"a search varies {', '.join(SPACE)}"
            raise UnknownName("value to vary", name, SPACE, hint)
    found = tuple(dict.fromkeys(name.replace("-", "_") for name in names))
    found = found or usual(goal, network)
    if goal == "accuracy" and "epochs" in found:
        raise UsageError(
            "vary = epochs: the best accuracy is searched at a given cost, and more "
            "epochs are a higher one; fix them with --epochs, or search for time "
            "with --target"
        )
    return found


def drawn(trial: Drawing, base: Recipe, names: tuple[str, ...]) -> Recipe:
    """``base`` with a new value for each of ``names`` that matters together."""
    values: dict[str, Any] = {}

    def draw(name: str, space: Range | Choice, as_name: str | None = None) -> None:
        if isinstance(space, Choice):
            values[name] = trial.suggest_categorical(as_name or name, space.values)
        else:
            number = trial.suggest_float(
                as_name or name, space.low, space.high, log=space.log
            )
            known = number == getattr(base, name)
            values[name] = number if known else float(f"{number:.2g}")

    if "optimizer" in names:
        draw("optimizer", _with_own(SPACE["optimizer"], base.optimizer))
    optimizer = values.get("optimizer", base.optimizer)
    by_optimizer = {"lr": RATES, "weight_decay": DECAYS}
    for name in names:
        own = getattr(base, name)
        if name in by_optimizer:
            space: Range | Choice = by_optimizer[name][optimizer]
            if optimizer == base.optimizer:
                space = _with_own(space, own)
            draw(name, space, f"{name} of {optimizer}")
        elif name == "resize_until" and values.get("first_size", base.first_size) == 1:
            continue
        elif name == "momentum" and optimizer not in ("sgd", "muon"):
            continue
        elif name == "epochs":
            draw(name, SPACE[name])  # not widened: a long one is no place to begin
        elif name != "optimizer":
            draw(name, _with_own(SPACE[name], own))
    if optimizer == "sgd" != base.optimizer:
        values["nesterov"] = True
    return base.changed(source="search", **values)


def own_draws(base: Recipe, names: tuple[str, ...]) -> dict[str, Any]:
    """What must be drawn for ``drawn`` to give ``base`` back, or what is next to it."""
    own = _Own(base)
    drawn(own, base, names)
    return own.draws


def _with_own(space: Range | Choice, value: Any) -> Range | Choice:
    if isinstance(space, Choice):
        known = value in space.values
        return space if known else Choice((*space.values, value))
    if space.log and value <= 0:
        return space
    return replace(space, low=min(space.low, value), high=max(space.high, value))


class _Own:
    """Draws what a recipe has, or the nearest that a search can draw, and remembers."""

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.draws: dict[str, Any] = {}

    def suggest_float(
        self, name: str, low: float, high: float, *, log: bool = False
    ) -> float:
        value: float = getattr(self.recipe, name.partition(" of ")[0])
        self.draws[name] = min(max(value, low), high)  # no decay: the least there is
        return self.draws[name]  # type: ignore[no-any-return]

    def suggest_categorical(self, name: str, choices: Any) -> Any:
        self.draws[name] = getattr(self.recipe, name)
        return self.draws[name]
