"""Images per second at equal maths: the tutorial's loop against ours.

Same network (lenet5-tanh), batch 256, plain SGD, float32, the 60,000 pictures of MNIST.
The tutorial's side is its loop: torchvision's data set, ToTensor and Normalize picture
by picture, a DataLoader, loss.item() at every step. Each repeat runs both sides one
after the other in processes of their own; the figure is the median of the ratios.

    python benchmarks/equal_maths.py --data-dir FOLDER_WITH_MNIST [--repeats 5]
"""

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
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
    from convatlas.training.step import Examples

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


def main() -> None:
    """Runs both sides in turn and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data-dir", type=Path, required=True)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=2, help="the last one is timed")
    parser.add_argument("--side", choices=["tutorial", "ours"])
    arguments = parser.parse_args()
    if arguments.side:
        side = tutorial if arguments.side == "tutorial" else ours
        print(json.dumps(side(arguments.data_dir, arguments.epochs)))
        return
    from convatlas.machine import processor

    print(f"{processor()}, load {os.getloadavg()[0]:.1f}")
    print("repeat  tutorial  ours  ratio")
    rows = []
    for repeat in range(arguments.repeats):
        speeds = []
        for side in ("tutorial", "ours"):
            command = [sys.executable, __file__, *sys.argv[1:], "--side", side]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            speeds.append(json.loads(done.stdout.splitlines()[-1]))
        rows.append((*speeds, speeds[1] / speeds[0]))
        print("{}  {:,.0f}  {:,.0f}  {:.2f}".format(repeat + 1, *rows[-1]), flush=True)
    print(
        "median  {:,.0f}  {:,.0f}  {:.2f}".format(*map(median, zip(*rows, strict=True)))
    )


if __name__ == "__main__":
    main()
