"""timm: its data sets, its loader with the prefetcher, its optimizers and meters.

The loop is the core of timm's ``train.py``; ``create_loader`` resizes where others pad
and leaves the last, smaller batch out.
"""

from pathlib import Path

import timm
import torch
from timm.data import create_dataset, create_loader
from timm.optim import create_optimizer_v2
from timm.utils import AverageMeter, accuracy
from torch import nn

from benchmarks.peers.outcome import Clock, Outcome
from benchmarks.peers.task import Task
from convatlas.networks import build

WORKERS = 2  # train.py's default is 4; PyTorch advises no more than there are cores


def run(task: Task, root: Path) -> Outcome:
    """Trains and tests as timm does."""
    device = torch.device("cpu")
    name = "torch/" + task.pictures.data.replace("-", "_")
    train, test = (
        create_dataset(name, root=root, split=split, input_img_mode="L")
        for split in ("train", "validation")
    )
    train.data, train.targets = (
        values[: task.count] for values in (train.data, train.targets)
    )
    train_loader, test_loader = (
        create_loader(
            dataset,
            input_size=(1, task.size, task.size),
            batch_size=task.batch,
            is_training=dataset is train,
            no_aug=True,
            interpolation="bilinear",
            mean=task.pictures.mean,
            std=task.pictures.std,
            num_workers=WORKERS,
            crop_pct=1.0,
            device=device,
        )
        for dataset in (train, test)
    )
    model = build(task.network, input_size=(task.size, task.size))
    optimizer = create_optimizer_v2(
        model, opt="momentum", lr=task.lr, momentum=0.0, weight_decay=0.0
    )
    loss_of = nn.CrossEntropyLoss()
    clock, losses = Clock(), AverageMeter()
    for _ in range(task.epochs):
        model.train()
        clock.start()
        for images, labels in train_loader:
            loss = loss_of(model(images), labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.update(loss.item(), images.size(0))
        clock.stop()
    model.eval()
    top1 = AverageMeter()
    with torch.inference_mode():
        for images, labels in test_loader:
            (hits,) = accuracy(model(images), labels, topk=(1,))
            top1.update(hits.item(), images.size(0))
    return Outcome(
        epochs=clock.epochs,
        pictures=len(train_loader) * task.batch,
        accuracy=top1.avg / 100,
        parameters=sum(p.numel() for p in model.parameters()),
        version=timm.__version__,
        how=f"create_loader, prefetcher, {WORKERS} workers",
    )
