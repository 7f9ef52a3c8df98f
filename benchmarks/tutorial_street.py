"""The tutorials' training of house numbers, and the resize of their test, measured.

Trains each NETWORK:RECIPE over some seeds, reads the test pictures at the size of the
training (mended) and at 70×140 (as the contest's baseline prints it), and writes a
Markdown table whose rows come from the runs alone.

    python benchmarks/tutorial_street.py --data-dir FOLDER \\
        --out docs/results/tutorial-street.md
"""

import argparse
import os
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path
from statistics import mean, stdev
from tempfile import TemporaryDirectory

import torch

from convatlas import machine
from convatlas.errors import UsageError
from convatlas.runs import Run
from convatlas.verbs.evaluate import Conditions, NumberEvaluation, evaluate
from convatlas.verbs.train import train

JOBS = (
    "street-cnn:tutorial-000-street",
    "street-cnn-6:tutorial-001-street",
    "street-resnet18:tutorial-000-street",
)
PRINTED = (70, 140)

HEADER = """# The tutorials' training of house numbers

Whole numbers read right on {data}, test split, whole pictures, in %: mean ± standard
deviation over {n} seeds (0 to {last}); the epoch was chosen on validation pictures.
*Mended*: test pictures are resized to what the network saw in training, 60×120.
*Printed*: to 70×140, as the contest's baseline does. Without pre-trained weights.
{threads} threads, {processor}, load {load:.1f} at the start, {date}.

    {command}

| network | recipe | epochs | mended | printed | digits right | 98 % at | minutes |
|---|---|---|---|---|---|---|---|
"""


def read(run: Run, data_dir: Path | None, resize: bool) -> NumberEvaluation | None:
    """Figures on the test split; None where the network takes no other size."""
    conditions = Conditions(resize=PRINTED if resize else None)
    try:
        found = evaluate(run, conditions=conditions, data_dir=data_dir).evaluation
    except UsageError:
        return None
    assert isinstance(found, NumberEvaluation)
    return found


def spread(values: list[float]) -> str:
    """In %, with the deviation where there is one."""
    if not values:
        return "does not fit"
    deviation = f" ± {100 * stdev(values):.2f}" if len(values) > 1 else " (n = 1)"
    return f"{100 * mean(values):.2f}{deviation}"


def row(job: str, arguments: argparse.Namespace) -> str:
    """Trains and measures one job."""
    network, recipe = job.split(":")
    changes = {} if arguments.epochs is None else {"epochs": arguments.epochs}
    mended, printed, digits, coverage, minutes = [], [], [], [], []
    for seed in range(arguments.seeds):
        with TemporaryDirectory() as folder:
            run = train(
                network,
                arguments.data,
                recipe=recipe,
                changes=[("flags", changes)],
                seed=seed,
                out=Path(folder) / "run",
                data_dir=arguments.data_dir,
            ).run
            good = read(run, arguments.data_dir, False)
            bad = read(run, arguments.data_dir, True)
        assert good is not None
        mended.append(good.accuracy)
        digits.append(good.digit_accuracy)
        coverage.append(0.0 if good.at_goal is None else good.at_goal.coverage)
        printed += [] if bad is None else [bad.accuracy]
        minutes.append(sum(record.seconds for record in run.history()) / 60)
        told = "does not fit" if bad is None else f"{bad.accuracy:.4f}"
        print(f"{job} seed {seed}: {good.accuracy:.4f}, printed {told}", flush=True)
    return (
        f"| {network} | {recipe} | {run.info.recipe.epochs:g} | {spread(mended)} | "
        f"{spread(printed)} | {spread(digits)} | {spread(coverage)} | "
        f"{mean(minutes):.1f} |\n"
    )


def main() -> None:
    """Runs the jobs one after the other and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("jobs", nargs="*", default=JOBS)
    parser.add_argument("--data", default="protocol-p")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=float, help="instead of the recipe's")
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    text = HEADER.format(
        data=arguments.data,
        n=arguments.seeds,
        last=arguments.seeds - 1,
        threads=torch.get_num_threads(),
        processor=machine.processor(),
        load=os.getloadavg()[0],
        date=datetime.now(UTC).date(),
        command="python " + shlex.join(sys.argv),
    )
    for job in arguments.jobs:
        text += row(job, arguments)
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(text)


if __name__ == "__main__":
    main()
