"""The loop of tutorial 003: DataLoader without workers, loss.item() at every step."""

from pathlib import Path

import torch
from torch import nn
from torch.utils.data import DataLoader

from benchmarks.peers.outcome import Clock, Outcome
from benchmarks.peers.task import Task
from benchmarks.peers.torchvision_data import splits
from convatlas.networks import build


def run(task: Task, root: Path) -> Outcome:
    """Trains and tests as the tutorial does."""
    train, test = splits(task, root)
    train_loader = DataLoader(train, shuffle=True, batch_size=task.batch)
    test_loader = DataLoader(test, shuffle=False, batch_size=task.batch)
    model = build(task.network, input_size=(task.size, task.size))
    loss_of = nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=task.lr)
    clock, losses = Clock(), []
    for _ in range(task.epochs):
        clock.start()
        for images, labels in train_loader:
            loss = loss_of(model(images), labels)
            losses.append(loss.item())
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        clock.stop()
    model.eval()
    correct = total = 0
    with torch.no_grad():
        for images, labels in test_loader:
            _, predicted = torch.max(model(images), dim=1)
            correct += torch.sum(predicted == labels)
            total += labels.size(0)
    return Outcome(
        epochs=clock.epochs,
        pictures=task.count,
        accuracy=float(correct / total),
        parameters=sum(p.numel() for p in model.parameters()),
        version=torch.__version__,
        how="DataLoader without workers",
    )
