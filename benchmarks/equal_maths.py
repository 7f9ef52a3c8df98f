"""Images per second at equal maths: the tutorial's loop against ours.

Same network (lenet5-tanh), batch 256, plain SGD, float32, the 60,000 pictures of MNIST.
The tutorial's side is its loop: torchvision's data set, ToTensor and Normalize picture
by picture, a DataLoader, loss.item() at every step. Each repeat runs both sides one
after the other in processes of their own; the figure is the median of the ratios.

    python benchmarks/equal_maths.py --data-dir FOLDER_WITH_MNIST --out docs/results/...
"""

import argparse
import gzip
import json
import os
import shlex
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import perf_counter

BATCH = 256
LR = 0.9


def tutorial(folder: Path, epochs: int) -> float:
    """Images per second of the tutorial's loop, over the last epoch."""
    import torch
    from torch import nn
    from torch.utils.data import DataLoader
    from torchvision import datasets, transforms

    from convatlas.networks import build

    transform = transforms.Compose(
        [transforms.ToTensor(), transforms.Normalize(0.1307, 0.3081)]
    )
    with tempfile.TemporaryDirectory() as root:
        raw = Path(root) / "MNIST" / "raw"
        raw.mkdir(parents=True)
        for packed in (folder / "MNIST" / "raw").glob("*.gz"):
            (raw / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
        train = datasets.MNIST(root, train=True, transform=transform)
    loader = DataLoader(train, shuffle=True, batch_size=BATCH)
    network = build("lenet5-tanh")
    loss_of = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(network.parameters(), lr=LR)
    losses = []
    for _ in range(epochs):
        started = perf_counter()
        for images, labels in loader:
            loss = loss_of(network(images), labels)
            losses.append(loss.item())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        seconds = perf_counter() - started
    return len(train) / seconds


def ours(folder: Path, epochs: int) -> float:
    """Images per second of our loop, over the last epoch."""
    import torch

    from convatlas.preparation import prepare
    from convatlas.recipe import Recipe
    from convatlas.training.loop import EpochRecord, fit
    from convatlas.training.state import TrainingState
    from convatlas.training.examples import Examples

    recipe = Recipe(
        epochs=epochs,
        batch_size=BATCH,
        optimizer="sgd",
        momentum=0,
        lr=LR,
        schedule="constant",
    )
    prepared = prepare("lenet5-tanh", "mnist", recipe=recipe, data_dir=folder)
    train, held_out = prepared.train, prepared.validation
    everything = Examples(
        torch.cat([train.images, held_out.images]),
        torch.cat([train.labels, held_out.labels]),
        train.classes,
    )
    state = TrainingState.fresh(prepared.network, recipe, seed=0)
    records = [
        record
        for record in fit(state, everything, None, prepared.transform)
        if isinstance(record, EpochRecord)
    ]
    return records[-1].images_per_second


def measured(repeats: int) -> list[tuple[float, float, float]]:
    """Of each repeat: the tutorial's images per second, ours, the ratio."""
    rows = []
    for _ in range(repeats):
        speeds = []
        for side in ("tutorial", "ours"):
            command = [sys.executable, __file__, *sys.argv[1:], "--side", side]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            speeds.append(json.loads(done.stdout.splitlines()[-1]))
        rows.append((speeds[0], speeds[1], speeds[1] / speeds[0]))
        print("tutorial {:,.0f}, ours {:,.0f}, ratio {:.2f}".format(*rows[-1]))
    return rows


def table(rows: list[tuple[float, float, float]], load: float) -> str:
    """The page: what was measured how, a row a repeat, the medians."""
    import torch

    from convatlas.machine import processor

    cells = "\n".join(
        f"| {index + 1} | {a:,.0f} | {b:,.0f} | {ratio:.2f} |"
        for index, (a, b, ratio) in enumerate(rows)
    )
    medians = [median(column) for column in zip(*rows, strict=True)]
    return f"""# Images per second at equal maths

lenet5-tanh, MNIST (60,000 pictures), batch {BATCH}, plain SGD, float32: the tutorial's
loop against ours, in turn, a process each, the last of two epochs timed.
{processor()}, {torch.get_num_threads()} threads, load {load:.1f} at the start, torch
{torch.__version__}, {datetime.now(UTC).date()}.

    python {shlex.join(sys.argv)}

| repeat | the tutorial's loop | ours | ratio |
|---|---|---|---|
{cells}
| median | {medians[0]:,.0f} | {medians[1]:,.0f} | **{medians[2]:.2f}** |
"""


def main() -> None:
    """Runs both sides in turn and writes the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=2, help="the last one is timed")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--side", choices=["tutorial", "ours"], help="for its own use")
    arguments = parser.parse_args()
    if arguments.side:
        side = tutorial if arguments.side == "tutorial" else ours
        print(json.dumps(side(arguments.data_dir, arguments.epochs)))
        return
    load = os.getloadavg()[0]
    text = table(measured(arguments.repeats), load)
    print(text)
    if arguments.out:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(text)


if __name__ == "__main__":
    main()
