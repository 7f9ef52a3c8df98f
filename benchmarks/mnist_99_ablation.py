"""What each ingredient of the recipe ``mnist-99`` is worth: one changed at a time.

Test accuracy (mean ± standard deviation over seeds) and the median seconds of the
training steps. The recipe itself was chosen on validation; this only explains it.

    python benchmarks/mnist_99_ablation.py --data-dir FOLDER --seeds 5 \\
        --out docs/results/mnist-99-ablation.md
"""

import argparse
import os
import shlex
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, median, stdev
from tempfile import TemporaryDirectory
from typing import Any

import torch

from convatlas.machine import processor
from convatlas.verbs.evaluate import evaluate
from convatlas.verbs.train import train


@dataclass(frozen=True)
class Change:
    """What is different from the record."""

    name: str
    values: dict[str, Any] = field(default_factory=dict)
    network: str = "resnet-mini"


CHANGES = (
    Change("as it is"),
    Change("float32 instead of bf16", {"precision": "float32"}),
    Change("a constant rate of .002", {"schedule": "constant", "lr": 0.002}),
    Change(
        "SGD (Nesterov .9, peak .1) instead of AdamW",
        {
            "optimizer": "sgd",
            "lr": 0.1,
            "momentum": 0.9,
            "nesterov": True,
            "weight_decay": 1e-4,
        },
    ),
    Change("a peak of .003 instead of .0085", {"lr": 0.003}),
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
    for seed in range(seeds):
        with TemporaryDirectory() as folder:
            run = train(
                change.network,
                "mnist",
                recipe="mnist-99",
                changes=[(change.name, change.values)],
                seed=seed,
                out=Path(folder) / "run",
                data_dir=data_dir,
            ).run
            figures = evaluate(run, data_dir=data_dir).evaluation
            accuracies.append(100 * figures.accuracy)
            seconds.append(sum(record.seconds for record in run.history()))
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
deviation, and the median seconds of the training steps. {processor()},
{torch.get_num_threads()} threads, load {os.getloadavg()[0]:.1f} at the start, torch
{torch.__version__}, {datetime.now(UTC).date()}.

    python {shlex.join(sys.argv)}

| mnist-99 | test accuracy | seconds |
|---|---|---|
"""
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    for change in CHANGES:
        text += row(change, arguments.seeds, arguments.data_dir)
        arguments.out.write_text(text)


if __name__ == "__main__":
    main()
