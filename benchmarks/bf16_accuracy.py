"""Does bf16 cost accuracy? The same trainings in float32 and in bf16, over seeds.

A job is NETWORK[@HEIGHTxWIDTH]:DATA:EPOCHS[:RECIPE]; the seeds of both sides are the
same, and the sides take turns. Only for processors that have bf16 natively.

    python -m benchmarks.bf16_accuracy --data-dir FOLDER \\
        --out docs/results/bf16-accuracy.md
"""

import os
import sys
from pathlib import Path
from statistics import mean, stdev

import torch

from benchmarks import over_seeds
from benchmarks.own_process import command_line, conditions
from convatlas import recipes
from convatlas.training.precision import bf16_is_native
from convatlas.verbs.evaluate import evaluate

JOBS = (
    "resnet-mini:mnist:2:any-network",
    "resnet18-gray@32x32:digits-5k:4:any-network",
    "alexnet-gray:digits-5k:2:any-network",
)
SIDES = ("float32", "bf16")

HEADER = """# Accuracy in bf16 and in float32

The same trainings with the same {seeds}; the epoch was chosen on validation
pictures. Test accuracy in %, mean ± standard deviation over the seeds, and seconds of
the training steps ("faster": median of the ratios). "Not worse": the mean of bf16 is
not below that of float32 by more than one standard deviation of float32.
{conditions}.

    {command}

| network | data, epochs | recipe | float32 | bf16 | difference | not worse | faster |
|---|---|---|---|---|---|---|---|
"""


def row(job: str, seeds: int, data_dir: Path | None) -> str:
    """Trains one job on both sides."""
    shown, data, epochs, *named = job.split(":")
    network, _, size = shown.partition("@")
    height, _, width = size.partition("x")
    recipe = named[0] if named else recipes.default(network, data)[0]
    accuracies: dict[str, list[float]] = {side: [] for side in SIDES}
    seconds: dict[str, list[float]] = {side: [] for side in SIDES}
    fixed = {"epochs": float(epochs), "threads": torch.get_num_threads()}
    sides = {
        side: over_seeds.runs(
            network,
            data,
            recipe,
            seeds=seeds,
            data_dir=data_dir,
            input_size=(int(height), int(width)) if size else None,
            changes=[("flags", fixed | {"precision": side})],
        )
        for side in SIDES
    }
    for _ in range(seeds):
        for side, runs in sides.items():
            run = next(runs)
            figures = evaluate(run, data_dir=data_dir).evaluation
            accuracies[side].append(100 * figures.accuracy)
            seconds[side].append(over_seeds.seconds_of(run))
            print(
                f"{job} {side} seed {run.info.seed}: {accuracies[side][-1]:.2f} % "
                f"{seconds[side][-1]:.1f} s",
                flush=True,
            )
    plain, short = (accuracies[side] for side in SIDES)
    difference = mean(short) - mean(plain)
    ratios = sorted(a / b for a, b in zip(*seconds.values(), strict=True))
    return (
        f"| {shown} | {data}, {float(epochs):g} | {recipe} | "
        f"{mean(plain):.2f} ± {stdev(plain):.2f} | "
        f"{mean(short):.2f} ± {stdev(short):.2f} | {difference:+.2f} | "
        f"{'yes' if difference >= -stdev(plain) else '**no**'} | "
        f"{ratios[len(ratios) // 2]:.2f} |\n"
    )


def main() -> None:
    """Runs the jobs one after the other and writes the table."""
    arguments = over_seeds.parser(__doc__, "jobs", JOBS, seeds=5).parse_args()
    if not bf16_is_native(torch.device("cpu")):
        sys.exit("this processor has no bf16 arithmetic; there is nothing to compare")
    if arguments.seeds < 2:
        sys.exit(f"--seeds {arguments.seeds}: a deviation needs two at least")
    head = HEADER.format(
        seeds=over_seeds.in_words(arguments.seeds),
        conditions=conditions(torch.get_num_threads(), os.getloadavg()[0]),
        command=command_line("benchmarks.bf16_accuracy"),
    )
    rows = (row(job, arguments.seeds, arguments.data_dir) for job in arguments.jobs)
    over_seeds.write(arguments.out, head, rows)


if __name__ == "__main__":
    main()
