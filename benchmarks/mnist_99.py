"""Time to 99.0 % on MNIST from a cold start: mean test accuracy over many seeds.

Each seed is a fresh process, ``convatlas train resnet-mini --data mnist --recipe
mnist-99``, with the four files of MNIST on disk and nothing compiled or decoded
beforehand. The recipe was chosen on validation pictures; the test split is read after
each training, outside the clock.

    python -m benchmarks.mnist_99 --data-dir FOLDER --out docs/results/mnist-99.md
"""

import argparse
import os
import subprocess
import sys
from pathlib import Path
from statistics import mean, median, stdev
from tempfile import TemporaryDirectory
from time import perf_counter

import torch

from benchmarks.own_process import command_line, conditions
from convatlas.runs import Run
from convatlas.verbs.evaluate import evaluate

COMMAND = str(Path(sys.executable).with_name("convatlas"))


def trained(seed: int, data_dir: Path, folder: Path) -> tuple[float, float, float]:
    """Test accuracy in %, seconds of the whole process, seconds of the steps alone."""
    path = folder / str(seed)
    command = [
        *(COMMAND, "train", "resnet-mini"),
        *("--data", "mnist", "--recipe", "mnist-99", "--seed", str(seed)),
        *("--data-dir", str(data_dir), "--out", str(path)),
    ]
    started = perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    whole = perf_counter() - started
    run = Run(path)
    steps = sum(record.seconds for record in run.history())
    return 100 * evaluate(run, data_dir=data_dir).evaluation.accuracy, whole, steps


def main() -> None:
    """Trains all seeds and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    rows = []
    with TemporaryDirectory() as folder:
        for seed in range(arguments.seeds):
            rows.append(trained(seed, arguments.data_dir, Path(folder)))
            print(
                "seed {}: {:.2f} %, {:.2f} s, steps {:.2f} s".format(seed, *rows[-1]),
                flush=True,
            )
        info = Run(Path(folder) / "0").info
    accuracies, whole, steps = zip(*rows, strict=True)
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(f"""# MNIST to 99.0 %, from a cold start

| | mean ± standard deviation | median | worst, best |
|---|---|---|---|
| test accuracy, % | **{mean(accuracies):.2f} ± {stdev(accuracies):.2f}** | \
{median(accuracies):.2f} | {min(accuracies):.2f}, {max(accuracies):.2f} |
| whole process, s | {mean(whole):.2f} ± {stdev(whole):.2f} | {median(whole):.2f} | \
{max(whole):.2f}, {min(whole):.2f} |
| training steps alone, s | {mean(steps):.2f} ± {stdev(steps):.2f} | \
{median(steps):.2f} | {max(steps):.2f}, {min(steps):.2f} |

{len(rows)} seeds, each a fresh process: resnet-mini, {info.data["train"]:,} training
pictures, {info.recipe.epochs:g} epochs, {info.recipe.precision},
{conditions(torch.get_num_threads(), load)}. Python, PyTorch and the data are loaded
within the whole process; nothing is compiled or kept from one to the next.

    {command_line("benchmarks.mnist_99")}
""")


if __name__ == "__main__":
    main()
