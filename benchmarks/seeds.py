"""Accuracy of recipes on the test split over several seeds: mean, deviation, seconds.

Each job is NETWORK:DATA:RECIPE (RECIPE empty: the default one). Writes a Markdown table
whose rows come from the runs alone.

    python -m benchmarks.seeds --data-dir FOLDER --out docs/results/first-light.md \\
        lenet5-tanh:mnist:tutorial-003-lenet lenet5-tanh:mnist:
"""

import argparse
import os
from pathlib import Path
from statistics import mean, median, stdev

import torch

from benchmarks import over_seeds
from benchmarks.own_process import command_line, conditions
from convatlas import recipes
from convatlas.verbs.evaluate import evaluate

HEADER = """# Accuracy over seeds

Test accuracy in %, mean ± standard deviation over {seeds}; the epoch
was chosen on validation pictures that are held out of the training split. Seconds are
the median of the training steps alone. {conditions}.

    {command}

| network | data | recipe | epochs | test accuracy | worst, best | seconds |
|---|---|---|---|---|---|---|
"""


def row(job: str, seeds: int, data_dir: Path) -> str:
    """Trains and measures one job."""
    network, data, recipe = job.split(":")
    name = recipe or recipes.default(network, data)[0]
    accuracies, seconds = [], []
    for run in over_seeds.runs(network, data, name, seeds=seeds, data_dir=data_dir):
        figures = evaluate(run, data_dir=data_dir).evaluation
        accuracies.append(100 * figures.accuracy)
        seconds.append(over_seeds.seconds_of(run))
        print(f"{job} seed {run.info.seed}: {accuracies[-1]:.2f} {seconds[-1]:.1f} s")
    return (
        f"| {network} | {data} | {name} | {run.info.recipe.epochs:g} | "
        f"{mean(accuracies):.2f} ± {stdev(accuracies):.2f} | {min(accuracies):.2f}, "
        f"{max(accuracies):.2f} | {median(seconds):.1f} |\n"
    )


def main() -> None:
    """Runs the jobs one after the other and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("jobs", nargs="+")
    parser.add_argument("--data-dir", type=Path)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    text = HEADER.format(
        seeds=over_seeds.in_words(arguments.seeds),
        conditions=conditions(torch.get_num_threads(), os.getloadavg()[0]),
        command=command_line("benchmarks.seeds"),
    )
    rows = (row(job, arguments.seeds, arguments.data_dir) for job in arguments.jobs)
    over_seeds.write(arguments.out, text, rows)


if __name__ == "__main__":
    main()
