"""What each ingredient of the recipe ``mnist-99`` is worth: one changed at a time.

Test accuracy (mean ± standard deviation over seeds) and the median seconds of the
training steps. The recipe itself was chosen on validation; this only explains it.

    python -m benchmarks.mnist_99_ablation --data-dir FOLDER --seeds 5 \\
        --out docs/results/mnist-99-ablation.md
"""

import argparse
import os
from dataclasses import dataclass, field
from pathlib import Path
from statistics import mean, median, stdev
from typing import Any

import torch

from benchmarks import over_seeds
from benchmarks.own_process import command_line, conditions
from convatlas.verbs.evaluate import evaluate


@dataclass(frozen=True)
class Change:
    """What is different from the record."""

    name: str
    values: dict[str, Any] = field(default_factory=dict)
    network: str = "resnet-mini"


ADAMW = {"optimizer": "adamw", "lr": 0.0085, "warmup": 0.3}  # as a search found them
CHANGES = (
    Change("as it is"),
    Change("float32 instead of bf16", {"precision": "float32"}),
    Change("a constant rate of .002", {"schedule": "constant", "lr": 0.002}),
    Change("AdamW (peak .0085) instead of Muon", ADAMW),
    Change("the same for .6 epochs", {**ADAMW, "epochs": 0.6}),
    Change(
        "SGD (Nesterov .9, peak .1) instead of Muon",
        {
            "optimizer": "sgd",
            "lr": 0.1,
            "momentum": 0.9,
            "nesterov": True,
            "weight_decay": 1e-4,
        },
    ),
    Change("a peak of .003 instead of .01", {"lr": 0.003}),
    Change("batches of 128", {"batch_size": 128}),
    Change("no label smoothing", {"label_smoothing": 0.0}),
    Change("no weight decay", {"weight_decay": 0.0}),
    Change("with averaged weights (EMA .98)", {"ema": 0.98}),
    Change("with shifted pictures (.05)", {"shift": 0.05}),
    Change("smaller inputs first (.75 for half)", {"first_size": 0.75}),
    Change("lenet5-tanh instead of resnet-mini", network="lenet5-tanh"),
    Change("mnist-cnn instead of resnet-mini", network="mnist-cnn"),
)


def row(change: Change, seeds: int, data_dir: Path) -> str:
    """Trains every seed of one change."""
    accuracies, seconds = [], []
    for run in over_seeds.runs(
        change.network,
        "mnist",
        "mnist-99",
        seeds=seeds,
        data_dir=data_dir,
        changes=[(change.name, change.values)],
    ):
        figures = evaluate(run, data_dir=data_dir).evaluation
        accuracies.append(100 * figures.accuracy)
        seconds.append(over_seeds.seconds_of(run))
    text = (
        f"| {change.name} | {mean(accuracies):.2f} ± {stdev(accuracies):.2f} | "
        f"{median(seconds):.1f} |\n"
    )
    print(text, end="", flush=True)
    return text


def main() -> None:
    """Writes the table, anew after each row."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=5, help="at least 2")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    text = f"""# What the ingredients of mnist-99 are worth

One changed at a time, {arguments.seeds} seeds each; test accuracy in %, mean ± standard
deviation, and the median seconds of the training steps.
{conditions(torch.get_num_threads(), os.getloadavg()[0])}.

    {command_line("benchmarks.mnist_99_ablation")}

| mnist-99 | test accuracy | seconds |
|---|---|---|
"""
    rows = (row(change, arguments.seeds, arguments.data_dir) for change in CHANGES)
    over_seeds.write(arguments.out, text, rows)


if __name__ == "__main__":
    main()
