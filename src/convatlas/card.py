"""A run's model card: what it is, trained on what, how good, under which terms."""

from typing import Any

from convatlas.runs import Run


def card_text(run: Run) -> str:
    """The card as Markdown, from what the run holds now."""
    info = run.info
    lines = [
        f"# {info.network['name']} on {info.data['name']}",
        "",
        f"A convolutional network that tells {info.labels.classes} classes apart: "
        f"{', '.join(info.labels.names)}.",
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
    return [
        *lines,
        f"* test: {test['accuracy']:.2%} of {test['count']:,} pictures (95 % interval "
        f"{low:.2%} to {high:.2%}), calibration error {test['calibration_error']:.2%}",
    ]


def _shape(preprocess: dict[str, Any], which: str = "target") -> str:
    return "×".join(str(side) for side in preprocess[which])


def _toml(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else f"{value}"
