"""The tutorials' loops: pictures one by one through torchvision, plain float32."""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import datasets, transforms

from benchmarks.equal_maths.cases import Case
from benchmarks.equal_maths.street_pictures import StreetPictures, varied
from convatlas.networks import build

Loss = Callable[[Tensor, Tensor], Tensor]
Samples = Dataset[tuple[Tensor, Tensor]]


def steps(
    network: nn.Module,
    loader: Iterable[tuple[Tensor, Tensor]],
    loss_of: Loss,
    optimizer: torch.optim.Optimizer,
) -> Iterator[float]:
    """An epoch of it; gives the loss after every step."""
    for images, labels in loader:
        loss = loss_of(network(images), labels)
        value = loss.item()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield value


def loss_of_digits(logits: Tensor, labels: Tensor) -> Tensor:
    """The sum of a cross-entropy for each place of a number.

    Args:
        logits: N × places × classes.
        labels: N × places.
    """
    loss_of = nn.CrossEntropyLoss()
    losses = [loss_of(logits[:, i], labels[:, i]) for i in range(logits.shape[1])]
    return torch.stack(losses).sum()


def optimizer_of(case: Case, network: nn.Module) -> torch.optim.Optimizer:
    """As the tutorials make it."""
    if case.optimizer == "adam":
        return torch.optim.Adam(network.parameters(), lr=case.lr)
    return torch.optim.SGD(network.parameters(), lr=case.lr)


def scaled(case: Case) -> transforms.Compose:
    """From a picture to the network's input.

    The tutorial enlarges after ``ToTensor``; before it, the pictures are the same bits
    on both sides, and it takes no longer.
    """
    change = [
        transforms.ToTensor(),
        transforms.Normalize(case.pictures.mean, case.pictures.std),
    ]
    if case.size != (28, 28):
        change.insert(0, transforms.Resize(case.size))
    return transforms.Compose(change)


def images_per_second(case: Case, data_dir: Path) -> float:
    """Trains a fresh network for as many steps as the case times.

    Args:
        case: what to train.
        data_dir: with unpacked files of torchvision's data sets, or house numbers.
    """
    network = build(case.network, input_size=case.size)
    train: Samples
    if case.pictures.folder:
        opened = getattr(datasets, case.pictures.folder)
        train = opened(data_dir, train=True, transform=scaled(case))
        loss_of: Loss = nn.CrossEntropyLoss()
    else:
        train, loss_of = StreetPictures(data_dir, varied(case)), loss_of_digits
    loader = DataLoader(train, shuffle=True, batch_size=case.batch)
    optimizer = optimizer_of(case, network)
    return case.images_per_second(steps(network, loader, loss_of, optimizer))
