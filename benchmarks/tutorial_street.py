"""The tutorials' training of house numbers, and the resize of their test, measured.

Trains each NETWORK:RECIPE over some seeds, reads the test pictures at the size of the
training (mended) and at 70×140 (as the contest's baseline prints it), and writes a
Markdown table whose rows come from the runs alone.

    python -m benchmarks.tutorial_street --data-dir FOLDER \\
        --out docs/results/tutorial-street.md
"""

import argparse
import os
from pathlib import Path
from statistics import mean, stdev

import torch

from benchmarks import over_seeds
from benchmarks.own_process import command_line, conditions
from convatlas.errors import UsageError
from convatlas.runs import Run
from convatlas.verbs.evaluate import Conditions, NumberEvaluation, evaluate

JOBS = (
    "street-cnn:tutorial-000-street",
    "street-cnn-6:tutorial-001-street",
    "street-resnet18:tutorial-000-street",
)
PRINTED = (70, 140)

HEADER = """# The tutorials' training of house numbers

Whole numbers read right on {data}, test split, whole pictures, in %: mean ± standard
deviation over {seeds}; the epoch was chosen on validation pictures.
*Mended*: test pictures are resized to what the network saw in training, 60×120.
*Printed*: to 70×140, as the contest's baseline does. Without pre-trained weights.
{conditions}.

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
    for run in over_seeds.runs(
        network,
        arguments.data,
        recipe,
        seeds=arguments.seeds,
        data_dir=arguments.data_dir,
        changes=[("flags", changes)],
    ):
        good = read(run, arguments.data_dir, False)
        bad = read(run, arguments.data_dir, True)
        assert good is not None
        mended.append(good.accuracy)
        digits.append(good.digit_accuracy)
        coverage.append(0.0 if good.at_goal is None else good.at_goal.coverage)
        printed += [] if bad is None else [bad.accuracy]
        minutes.append(over_seeds.seconds_of(run) / 60)
        told = "does not fit" if bad is None else f"{bad.accuracy:.4f}"
        print(
            f"{job} seed {run.info.seed}: {good.accuracy:.4f}, printed {told}",
            flush=True,
        )
    return (
        f"| {network} | {recipe} | {run.info.recipe.epochs:g} | {spread(mended)} | "
        f"{spread(printed)} | {spread(digits)} | {spread(coverage)} | "
        f"{mean(minutes):.1f} |\n"
    )


def main() -> None:
    """Runs the jobs one after the other and writes the table."""
    parser = over_seeds.parser(__doc__, "jobs", JOBS, data="protocol-p", seeds=3)
    parser.add_argument("--epochs", type=float, help="instead of the recipe's")
    arguments = parser.parse_args()
    text = HEADER.format(
        data=arguments.data,
        seeds=over_seeds.in_words(arguments.seeds),
        conditions=conditions(torch.get_num_threads(), os.getloadavg()[0]),
        command=command_line("benchmarks.tutorial_street"),
    )
    over_seeds.write(
        arguments.out, text, (row(job, arguments) for job in arguments.jobs)
    )


if __name__ == "__main__":
    main()
