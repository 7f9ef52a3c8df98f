"""A run's model card: what it is, trained on what, how good, under which terms."""

from typing import Any

from convatlas.networks import find
from convatlas.runs import Run


def card_text(run: Run) -> str:
    """The card as Markdown, from what the run holds now."""
    info = run.info
    lines = [
        f"# {info.network['name']} on {info.data['name']}",
        "",
        _sentence(run),
        "",
        "| | |",
        "|---|---|",
        f"| network | `{info.network['name']}`, input {_shape(info.preprocess)} |",
        f"| pictures | {_shape(info.preprocess, 'source')}, pre-processing: "
        f"{info.preprocess['fit']}, mean {info.images.mean}, deviation "
        f"{info.images.std} |",
        f"| trained on | {info.data['train']:,} pictures of {info.data['name']} "
        f"(sha256 `{info.data['sha256'][:16]}…`), chosen on "
        f"{info.data['validation']:,} others |",
        f"| terms of the data | {info.data['licence']} |",
        f"| seed | {info.seed} |",
        f"| machine | {info.machine['processor']}, {info.machine['device']}, "
        f"{info.machine['threads']} threads, torch {info.machine['torch']} |",
        f"| made by | convatlas {info.machine['convatlas']}, {info.started} |",
        "",
        "## How good",
        "",
        *_accuracies(run),
        "",
        "## How it was trained",
        "",
        "```toml",
        *(f"{name} = {_toml(value)}" for name, value in info.recipe),
        "```",
    ]
    return "\n".join(lines) + "\n"


def _accuracies(run: Run) -> list[str]:
    best, lines = run.best_epoch(), []
    if best is not None and best.validation_accuracy is not None:
        lines = [
            f"* validation, epoch {best.epoch} of {len(run.history())}: "
            f"{best.validation_accuracy:.2%} (the best epoch: a little too good)"
        ]
    test: dict[str, Any] | None = run.figures()
    if test is None:
        return [*lines, "* test: not measured yet (`convatlas evaluate`)"]
    low, high = test["interval"]
    if "mean_iou" in test:
        return [
            *lines,
            f"* test ({test['shown']}): mean IoU {test['mean_iou']:.3f} of "
            f"{test['count']:,} pictures, above .5 for {test['above_half']:.2%} (95 % "
            f"interval {low:.2%} to {high:.2%})",
        ]
    if "shown" in test:
        return [*lines, *_of_numbers(test)]
    return [
        *lines,
        f"* test: {test['accuracy']:.2%} of {test['count']:,} pictures (95 % interval "
        f"{low:.2%} to {high:.2%}), calibration error {test['calibration_error']:.2%}",
    ]


def _of_numbers(test: dict[str, Any]) -> list[str]:
    low, high = test["interval"]
    goal = test["at_goal"]
    surest = (
        "no share of the surest answers is right in 98 % of cases"
        if goal is None
        else f"98 % of the surest {goal['coverage']:.2%} are right (confidence "
        f"{goal['confidence']:.3f} and more)"
    )
    return [
        f"* test ({test['shown']}): {test['accuracy']:.2%} of {test['count']:,} whole "
        f"numbers (95 % interval {low:.2%} to {high:.2%}), "
        f"{test['digit_accuracy']:.2%} of the digits",
        f"* {surest}; calibration error {test['calibration_error']:.2%} at a "
        f"temperature of {test['temperature']:.3f}",
    ]


def _sentence(run: Run) -> str:
    info = run.info
    answers = find(info.network["name"]).answers
    if answers == "class":
        return (
            f"A convolutional network that tells {info.labels.classes} classes apart: "
            f"{', '.join(info.labels.names)}."
        )
    if answers == "box":
        return "A convolutional network that finds the house number in a picture."
    where = (
        "that was cut out of a picture"
        if info.recipe.view == "number"
        else "in a picture"
    )
    return f"A convolutional network that reads the house number {where}."


def _shape(preprocess: dict[str, Any], which: str = "target") -> str:
    return "×".join(str(side) for side in preprocess[which])


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else f"{value}"
