"""The four heads that read numbers, on one trunk, compared on validation pictures.

python -m benchmarks.number_heads --data-dir FOLDER --out docs/results/heads.md
"""

import argparse
import os
from statistics import mean, stdev
from typing import Any

import torch

from benchmarks import over_seeds
from benchmarks.own_process import command_line, conditions
from convatlas.anatomy import trace
from convatlas.verbs.subject import find_subject

HEADS = ("digits", "attention", "length", "columns")

DATA = "protocol-p+synthetic-numbers@10000"
CHOICES = ("trunk", "data", "epochs", "ema")

HEADER = """# Heads that read numbers

The trunk of `{trunk}` under each head, on {data}: validation pictures, true crops,
whole numbers right in %, the best epoch of {epochs:g}; mean ± standard deviation over
{n} seeds.
The recipe is `{recipe}`, from scratch, with fewer epochs (so no head is at its best)
and, since the end of a short training comes before a long average means anything, with
`ema = {ema:g}`.
{conditions}.

    {command}

| head | numbers right | parameters | MACs | minutes |
|---|---|---|---|---|
"""


def _changes(arguments: argparse.Namespace) -> dict[str, Any]:
    return {
        "epochs": arguments.epochs,
        "ema": arguments.ema,
        "precision": "auto",
        "threads": torch.get_num_threads(),
    }


def row(head: str, arguments: argparse.Namespace) -> str:
    """Trains one head over the seeds."""
    network = f"{arguments.trunk}:{head}"
    found, minutes = [], []
    for run in over_seeds.runs(
        network,
        arguments.data,
        arguments.recipe,
        seeds=arguments.seeds,
        data_dir=arguments.data_dir,
        changes=[("flags", _changes(arguments))],
    ):
        best = run.best_epoch()
        assert best is not None and best.validation_accuracy is not None
        found.append(100 * best.validation_accuracy)
        minutes.append(over_seeds.seconds_of(run) / 60)
        print(f"{network} seed {run.info.seed}: {found[-1]:.2f}", flush=True)
    spread = f" ± {stdev(found):.2f}" if len(found) > 1 else " (n = 1)"
    subject = find_subject(network)
    table = trace(subject.empty(), subject.input)
    return (
        f"| {head} | {mean(found):.2f}{spread} | {table.parameters / 1e6:.2f} M | "
        f"{table.macs / 1e6:.0f} M | {mean(minutes):.1f} |\n"
    )


def main() -> None:
    """Trains all heads and writes the table, a row at a time."""
    parser = over_seeds.parser(__doc__, "heads", HEADS, data=DATA, seeds=1)
    parser.add_argument("--trunk", default="street-reader")
    parser.add_argument("--recipe", default="street-reader")
    parser.add_argument("--epochs", type=float, default=6)
    parser.add_argument("--ema", type=float, default=0.99)
    arguments = parser.parse_args()
    head = HEADER.format(
        **{name: getattr(arguments, name) for name in CHOICES},
        n=arguments.seeds,
        recipe=arguments.recipe,
        conditions=conditions(torch.get_num_threads(), os.getloadavg()[0]),
        command=command_line("benchmarks.number_heads"),
    )
    over_seeds.write(
        arguments.out, head, (row(one, arguments) for one in arguments.heads)
    )


if __name__ == "__main__":
    main()
