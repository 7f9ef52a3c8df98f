"""What every side has to do."""

from dataclasses import dataclass, replace
from typing import Self

from benchmarks.pictures import FASHION_MNIST, MNIST, Pictures

HELD_OUT = 5_000  # training pictures, which convatlas chooses the best epoch by


@dataclass(frozen=True)
class Task:
    """A network, its data and how it is trained: plain SGD at a constant rate.

    Attributes:
        title: for the page.
        network: of the atlas.
        pictures: to train on.
        size: height and width of the input; pictures have 28.
        batch: pictures a step.
        lr: learning rate.
        epochs: of which the first one warms up and is not timed.
        count: pictures of an epoch.
        tested: pictures of the test split.
        parameters: that the network has to have on every side.
    """

    title: str
    network: str
    pictures: Pictures
    size: int
    batch: int
    lr: float
    epochs: int
    count: int
    tested: int
    parameters: int

    @property
    def border(self) -> int:
        """Zeros on each side that bring a picture to the input's size."""
        return (self.size - 28) // 2

    def quick(self) -> Self:
        """Few pictures, so that all sides together take two minutes."""
        steps = 10 if self.border else 40
        return replace(self, epochs=2, count=self.batch * steps, tested=1_000)

    @property
    def counts(self) -> dict[str, int]:
        """How many pictures of each split lie on disk, by the files' names."""
        return {"train": self.count + HELD_OUT, "t10k": self.tested}


TASKS = {
    "lenet": Task(
        title="LeNet-5 on MNIST",
        network="lenet5-tanh",
        pictures=MNIST,
        size=28,
        batch=256,
        lr=0.9,
        epochs=3,
        count=55_000,
        tested=10_000,
        parameters=61_706,
    ),
    "resnet": Task(
        title="ResNet-18 on FashionMNIST, 32 pixels",
        network="resnet18-gray",
        pictures=FASHION_MNIST,
        size=32,
        batch=128,
        lr=0.05,
        epochs=2,
        count=20_000,  # so that three rounds take half an hour
        tested=10_000,
        parameters=11_178_378,
    ),
}
