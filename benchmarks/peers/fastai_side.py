"""fastai: DataLoaders around PyTorch's loaders, Learner.fit.

As fastai's tutorial on migrating from PyTorch does it, which was faster here than
fastai's own loader with two workers. ``fit`` looks at the test split after every epoch,
which the images per second leave out.
"""

from pathlib import Path

import fastai
from fastai.vision.all import SGD, Callback, DataLoaders, Learner, accuracy
from torch import nn
from torch.utils.data import DataLoader

from benchmarks.peers.outcome import Clock, Outcome
from benchmarks.peers.task import Task
from benchmarks.peers.torchvision_data import splits
from convatlas.networks import build


class Timing(Callback):
    """Starts and stops the clock."""

    def __init__(self) -> None:
        self.clock = Clock()

    def before_train(self) -> None:
        self.clock.start()

    def after_train(self) -> None:
        self.clock.stop()


def run(task: Task, root: Path) -> Outcome:
    """Trains and tests as fastai's documentation does."""
    train, test = splits(task, root)
    data = DataLoaders(
        DataLoader(train, batch_size=task.batch, shuffle=True),
        DataLoader(test, batch_size=task.batch),
    )
    model = build(task.network, input_size=(task.size, task.size))
    timing = Timing()
    learner = Learner(
        data,
        model,
        loss_func=nn.CrossEntropyLoss(),
        opt_func=SGD,
        metrics=accuracy,
        cbs=[timing],
    )
    with learner.no_bar(), learner.no_logging():
        learner.fit(task.epochs, task.lr)
    return Outcome(
        epochs=timing.clock.epochs,
        pictures=task.count,
        accuracy=float(learner.recorder.values[-1][-1]),
        parameters=sum(p.numel() for p in model.parameters()),
        version=fastai.__version__,
        how="Learner.fit, DataLoader without workers",
    )
