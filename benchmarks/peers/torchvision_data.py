"""torchvision's data sets with transforms sample by sample, as most tutorials do it."""

from pathlib import Path

from torch import Tensor
from torch.utils.data import Dataset, Subset
from torchvision import datasets, transforms

from benchmarks.peers.task import Task

Samples = Dataset[tuple[Tensor, int]]


def splits(task: Task, root: Path) -> tuple[Samples, Samples]:
    """Training pictures (as many as the task wants) and all test pictures."""
    steps = [
        transforms.ToTensor(),
        transforms.Normalize(task.pictures.mean, task.pictures.std),
    ]
    if task.border:
        steps.insert(0, transforms.Pad(task.border))
    transform = transforms.Compose(steps)
    opened = getattr(datasets, task.pictures.folder)
    train = opened(root, train=True, transform=transform)
    test = opened(root, train=False, transform=transform)
    return first(train, task.count), test


def first(dataset: Samples, count: int) -> Samples:
    """The first pictures, or the data set itself where these are all."""
    whole = len(dataset)  # type: ignore[arg-type]
    return dataset if count >= whole else Subset(dataset, range(count))
