"""Time to a tutorial's accuracy: whole process, cold start, our recipe and its loop.

Ours is ``convatlas train NETWORK --data DATA --recipe NETWORK.DATA.fast`` in a process
of its own a seed, with nothing prepared or compiled; its test accuracy is read
afterwards, outside the clock. The tutorial's loop (torchvision's data set, transforms
picture by picture, a DataLoader, loss.item() at every step; its optimizer, batch and
learning rate) runs in turn with ours for a part of an epoch, and its seconds are
multiplied by the epochs it needs, which ``epochs_needed.py`` has found. Its imports and
its one test pass at the end are counted, as are our imports and our validation pass.

    python -m benchmarks.time_to_accuracy --data-dir FOLDER --seeds 5 \\
        --out docs/results/time-to-accuracy.md [CASE ...]
"""

import argparse
import gzip
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from statistics import mean, stdev
from tempfile import TemporaryDirectory
from time import perf_counter

COMMAND = str(Path(sys.executable).with_name("convatlas"))
FOUND = Path(__file__).parents[1] / "docs" / "results" / "epochs-needed.jsonl"


@dataclass(frozen=True)
class Case:
    """One comparison; ``part`` of an epoch is timed for the tutorial's side."""

    network: str
    data: str
    target: float
    tutorial: str
    part: float = 1.0
    seeds: int | None = None

    @property
    def recipe(self) -> str:
        return f"{self.network}.{self.data}.fast"


CASES = {
    case.network: case
    for case in (
        Case("lenet5-tanh", "mnist", 0.9794, "tutorial-003-lenet"),
        Case("resnet-mini", "mnist", 0.9892, "tutorial-003-resnet"),
        Case("googlenet-mini", "mnist", 0.9892, "tutorial-003-googlenet", 0.5),
        Case("alexnet-gray", "fashion-mnist", 0.887, "tutorial-001-alexnet", 0.05, 2),
    )
}
FOLDERS = {"mnist": "MNIST", "fashion-mnist": "FashionMNIST"}


@dataclass(frozen=True)
class Outcome:
    """Of one seed: our seconds and test accuracy, the tutorial's seconds."""

    seconds: float
    accuracy: float
    tutorial_start: float
    tutorial_epoch: float


def tutorial_loop(case: Case, data_dir: Path) -> float:
    """Seconds of an epoch of the tutorial's loop, from a part of one."""
    import torch
    from torch import nn
    from torch.utils.data import DataLoader
    from torchvision import datasets, transforms

    from convatlas import recipes
    from convatlas.networks import build, find

    recipe = recipes.load(case.tutorial)
    side = find(case.network).input[-1]
    steps = [transforms.ToTensor(), transforms.Normalize(0.1307, 0.3081)]
    if side != 28:
        steps.insert(0, transforms.Resize(side))
    folder = FOLDERS[case.data]
    with TemporaryDirectory() as root:
        raw = Path(root) / folder / "raw"
        raw.mkdir(parents=True)
        for packed in (data_dir / folder / "raw").glob("*.gz"):
            (raw / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
        opened, transform = getattr(datasets, folder), transforms.Compose(steps)
        train = opened(root, train=True, transform=transform)
        test = opened(root, train=False, transform=transform)
    loader = DataLoader(train, shuffle=True, batch_size=recipe.batch_size)
    network = build(case.network)
    loss_of = nn.CrossEntropyLoss()
    optimizer: torch.optim.Optimizer = torch.optim.SGD(network.parameters(), recipe.lr)
    if recipe.optimizer == "adam":
        optimizer = torch.optim.Adam(network.parameters(), recipe.lr)
    losses = []
    count = max(1, round(case.part * len(loader)))
    started = perf_counter()
    for images, labels in islice(loader, count):
        loss = loss_of(network(images), labels)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    seconds = perf_counter() - started
    right = 0  # the test pass is what takes time; nobody asks for its result
    with torch.no_grad():
        for images, labels in DataLoader(test, batch_size=recipe.batch_size):
            right += int((network(images).argmax(1) == labels).sum())
    return seconds * len(loader) / count


def outcome(case: Case, seed: int, data_dir: Path) -> Outcome:
    """Ours, then the tutorial's, each in a fresh process."""
    from convatlas.runs import Run
    from convatlas.verbs.evaluate import evaluate

    with TemporaryDirectory() as folder:
        path = Path(folder) / "run"
        command = [
            *(COMMAND, "train", case.network),
            *("--data", case.data, "--recipe", case.recipe, "--seed", str(seed)),
            *("--data-dir", str(data_dir), "--out", str(path)),
        ]
        started = perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=_environment())
        seconds = perf_counter() - started
        accuracy = evaluate(Run(path), data_dir=data_dir).evaluation.accuracy
    command = [
        *(sys.executable, __file__, case.network, "--data-dir", str(data_dir)),
        "--tutorial",
    ]
    started = perf_counter()
    done = subprocess.run(
        command, check=True, capture_output=True, text=True, env=_environment()
    )
    whole = perf_counter() - started
    epoch = json.loads(done.stdout.splitlines()[-1])
    return Outcome(seconds, accuracy, whole - epoch * case.part, epoch)


def _environment() -> dict[str, str]:
    """Without what forbids Python to keep bytecode: both sides use what pip leaves."""
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def epochs_needed(case: Case, found: Path) -> tuple[int, bool, str]:
    """Epochs until the mean test accuracy of the seeds that learned anything reaches
    the target; whether it ever does; how many seeds did, in which precision."""
    job = f"{case.network}:{case.data}:{case.tutorial}"
    lines = found.read_text().splitlines() if found.exists() else []
    rows = [row for row in map(json.loads, lines) if row["job"] == job]
    if not rows:
        sys.exit(f"{found} has no {job}: run benchmarks/epochs_needed.py {job} first")
    alive = [r["accuracies"] for r in rows if max(r["accuracies"], default=0) > 0.5]
    means = [mean(each) for each in zip(*alive, strict=False)]
    seeds = f"{len(alive)} seeds, {rows[0]['precision']}"
    if len(alive) < len(rows):
        seeds += f"; {len(rows) - len(alive)} more learned nothing"
    enough = [epoch for epoch, one in enumerate(means, 1) if one >= case.target]
    epochs = enough[0] if enough else len(means)
    return epochs, bool(enough), seeds


def row(case: Case, outcomes: list[Outcome], found: Path) -> str:
    """A row of the table."""
    from convatlas import recipes

    epochs, reached, seeds = epochs_needed(case, found)
    ours = [one.seconds for one in outcomes]
    accuracies = [100 * one.accuracy for one in outcomes]
    own = int(recipes.load(case.tutorial).epochs)

    def loop(count: int) -> float:
        return mean(one.tutorial_start + count * one.tutorial_epoch for one in outcomes)

    needed = f"{epochs}" if reached else f"more than {epochs}"
    return (
        f"| {case.network}, {case.data} | {100 * case.target:.2f} | {needed} "
        f"({seeds}) | {loop(epochs):.0f} | {_spread(ours)} | "
        f"{_spread(accuracies)} | {len(outcomes)} | "
        f"**{loop(epochs) / mean(ours):.1f}** | {own}: {loop(own) / mean(ours):.1f} |\n"
    )


def _spread(values: list[float]) -> str:
    spread = f" ± {stdev(values):.2f}" if len(values) > 1 else ""
    return f"{mean(values):.2f}{spread}"


def page(rows: list[str], load: float) -> str:
    """The whole page."""
    import torch

    from benchmarks.own_process import command_line, conditions

    return f"""# Time to the tutorial's accuracy

Whole processes from a cold start, seconds: our recipe (`NETWORK.DATA.fast`; its file
says how it was found) against the tutorial's loop at the epochs after which its mean
test accuracy first reaches the target (last column: for as many as the tutorial
trains). These epochs are found with our loop at equal maths (same optimizer, batch and
rate, all 60,000 pictures; `epochs-needed.jsonl`); the loop's seconds are those of a
part of an epoch (AlexNet a twentieth, GoogLeNet a half) times these epochs, plus its
start and the test pass it ends with. Test accuracy in %, mean ± standard deviation over
seeds.
{conditions(torch.get_num_threads(), load)}.

    {command_line("benchmarks.time_to_accuracy")}

| network, data | target, % | epochs of the tutorial | its loop, s | ours, s | \
our test accuracy, % | seeds | times as fast | for its own epochs |
|---|---|---|---|---|---|---|---|---|
{"".join(rows)}"""


def main() -> None:
    """Runs the cases one after the other and writes the page after each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("cases", nargs="*", metavar="CASE", help=", ".join(CASES))
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--tutorial", action="store_true", help="for its own use")
    arguments = parser.parse_args()
    cases = [CASES[name] for name in arguments.cases or CASES]
    if arguments.tutorial:
        print(json.dumps(tutorial_loop(cases[0], arguments.data_dir)))
        return
    if arguments.out is None:
        parser.error("--out is needed")
    load = os.getloadavg()[0]
    page([], load)  # what cannot be written is better known before the hours than after
    # as pip leaves what it installs; ours is used from its checkout here
    subprocess.run([sys.executable, "-m", "compileall", "-q", "src"], check=True)
    # so that neither side is the one that reads PyTorch from the disk
    subprocess.run([sys.executable, "-c", "import torchvision"], check=True)
    rows = []
    for case in cases:
        outcomes = []
        for seed in range(min(arguments.seeds, case.seeds or arguments.seeds)):
            outcomes.append(outcome(case, seed, arguments.data_dir))
            print(case.network, seed, outcomes[-1], flush=True)
        rows.append(row(case, outcomes, FOUND))
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(page(rows, load))


if __name__ == "__main__":
    main()
