"""Lightning: a LightningModule, a LightningDataModule and the Trainer.

Progress bar, checkpoints and logger are off: they could only cost time.
"""

import logging
from pathlib import Path
from typing import Any

import lightning as L
import torch
from lightning.pytorch.callbacks import Callback
from torch import Tensor, nn
from torch.utils.data import DataLoader

from benchmarks.peers.outcome import Clock, Outcome
from benchmarks.peers.task import Task
from benchmarks.peers.torchvision_data import Samples, splits
from convatlas.networks import build

Batch = tuple[Tensor, Tensor]


class Pictures(L.LightningDataModule):
    """The task's data, as Lightning's page on data modules lays them out."""

    def __init__(self, task: Task, root: Path) -> None:
        super().__init__()
        self.task, self.root = task, root

    def setup(self, stage: str) -> None:
        self.train_set, self.test_set = splits(self.task, self.root)

    def train_dataloader(self) -> "DataLoader[Samples]":
        return DataLoader(self.train_set, batch_size=self.task.batch, shuffle=True)

    def test_dataloader(self) -> "DataLoader[Samples]":
        return DataLoader(self.test_set, batch_size=self.task.batch)


class Classifier(L.LightningModule):
    """The task's network with its loss and optimizer."""

    def __init__(self, task: Task) -> None:
        super().__init__()
        self.task = task
        self.model = build(task.network, input_size=(task.size, task.size))

    def training_step(self, batch: Batch, batch_idx: int) -> Tensor:
        images, labels = batch
        loss = nn.functional.cross_entropy(self.model(images), labels)
        self.log("train_loss", loss)
        return loss

    def test_step(self, batch: Batch, batch_idx: int) -> None:
        images, labels = batch
        hits = self.model(images).argmax(1) == labels
        self.log("accuracy", hits.float().mean(), batch_size=len(labels))

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=self.task.lr)


class Timing(Callback):
    """Starts and stops the clock."""

    def __init__(self) -> None:
        self.clock = Clock()

    def on_train_epoch_start(self, *_: Any) -> None:
        self.clock.start()

    def on_train_epoch_end(self, *_: Any) -> None:
        self.clock.stop()


def run(task: Task, root: Path) -> Outcome:
    """Trains and tests as Lightning's documentation does."""
    logging.getLogger("lightning.pytorch").setLevel(logging.ERROR)
    data, module, timing = Pictures(task, root), Classifier(task), Timing()
    trainer = L.Trainer(
        max_epochs=task.epochs,
        accelerator="cpu",
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        callbacks=[timing],
    )
    trainer.fit(module, datamodule=data)
    (tested,) = trainer.test(module, datamodule=data, verbose=False)
    return Outcome(
        epochs=timing.clock.epochs,
        pictures=task.count,
        accuracy=tested["accuracy"],
        parameters=sum(p.numel() for p in module.parameters()),
        version=L.__version__,
        how="Trainer, DataLoader without workers",
    )
