"""Dive into Deep Learning: the book's own package, its train_ch6 and its loaders.

``train_ch6`` starts from Xavier weights and looks at the test split after every epoch,
which the images per second leave out. The book's loader resizes where others pad, does
not normalise, and reads with four processes.
"""

import io
from collections.abc import Iterator
from contextlib import redirect_stdout
from pathlib import Path
from re import search

import d2l as package
import torch
import torchvision
from d2l import torch as d2l
from torch import Tensor
from torch.utils import data
from torchvision import transforms

from benchmarks.peers.outcome import Clock, Outcome
from benchmarks.peers.task import Task
from benchmarks.peers.torchvision_data import first
from convatlas.networks import build


class Timed:
    """A loader that starts and stops the clock."""

    def __init__(self, loader: "data.DataLoader[tuple[Tensor, Tensor]]") -> None:
        self.loader, self.clock = loader, Clock()

    def __len__(self) -> int:
        return len(self.loader)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        self.clock.start()
        yield from self.loader
        self.clock.stop()


def loaders(task: Task, root: Path) -> tuple[Timed, "data.DataLoader[object]"]:
    """``d2l.load_data_fashion_mnist``, for both data sets and from any folder."""
    trans = [transforms.ToTensor()]
    if task.border:
        trans.insert(0, transforms.Resize(task.size))
    opened = getattr(torchvision.datasets, task.pictures.folder)
    train, test = (
        opened(root=root, train=train, transform=transforms.Compose(trans))
        for train in (True, False)
    )
    workers = d2l.get_dataloader_workers()
    train = first(train, task.count)
    return (
        Timed(data.DataLoader(train, task.batch, shuffle=True, num_workers=workers)),
        data.DataLoader(test, task.batch, shuffle=False, num_workers=workers),
    )


def run(task: Task, root: Path) -> Outcome:
    """Trains and tests as the book does."""
    train_iter, test_iter = loaders(task, root)
    net = build(task.network, input_size=(task.size, task.size))
    said = io.StringIO()
    with redirect_stdout(said):
        d2l.train_ch6(
            net, train_iter, test_iter, task.epochs, task.lr, torch.device("cpu")
        )
    found = search(r"test acc ([\d.]+)", said.getvalue())
    if found is None:
        raise RuntimeError("train_ch6 did not say its test accuracy")
    return Outcome(
        epochs=train_iter.clock.epochs,
        pictures=task.count,
        accuracy=float(found[1]),
        parameters=sum(p.numel() for p in net.parameters()),
        version=package.__version__,
        how=f"train_ch6, {d2l.get_dataloader_workers()} workers",
    )
