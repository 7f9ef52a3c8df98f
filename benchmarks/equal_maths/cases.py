"""The trainings that are compared."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Literal, Self

from benchmarks.pictures import FASHION_MNIST, HOUSE_NUMBERS, MNIST, Pictures
from convatlas.recipe import Recipe

Precision = Literal["float32", "bf16"]


@dataclass(frozen=True)
class Case:
    """A network, its data, its optimizer, and how many steps are timed.

    Attributes:
        network: of the atlas.
        pictures: to train on.
        size: height and width of the input.
        batch: pictures a step.
        optimizer: plain SGD or Adam.
        lr: its constant rate.
        warm: first steps, which are not timed.
        timed: steps after them.
        repeats: of every side.
    """

    network: str
    pictures: Pictures
    size: tuple[int, int]
    batch: int
    optimizer: Literal["sgd", "adam"]
    lr: float
    warm: int
    timed: int
    repeats: int

    def recipe(self, precision: Precision = "float32") -> Recipe:
        """The same for convatlas; planning takes a share of what its epoch takes."""
        street = self.pictures is HOUSE_NUMBERS
        return Recipe(
            epochs=1,
            batch_size=self.batch,
            optimizer=self.optimizer,
            momentum=0,
            lr=self.lr,
            schedule="constant",
            init="pytorch",
            precision=precision,
            rotation=10 if street else 0,
            light=1 if street else 0,
        )

    def images_per_second(self, steps: Iterator[object]) -> float:
        """Drives a loop that yields after every step, and leaves it when timed."""
        started = 0.0
        for count, _ in enumerate(steps, start=1):
            if count == self.warm:
                started = perf_counter()
            if count == self.warm + self.timed:
                return self.timed * self.batch / (perf_counter() - started)
        raise ValueError(f"{self.network}: an epoch has fewer steps than are timed")

    def tiny(self) -> Self:
        """As few steps as show that everything works."""
        return replace(self, warm=1, timed=2, repeats=1)


def _mnist(network: str, lr: float, warm: int, timed: int) -> Case:
    return Case(
        network=network,
        pictures=MNIST,
        size=(28, 28),
        batch=256,
        optimizer="sgd",
        lr=lr,
        warm=warm,
        timed=timed,
        repeats=5,
    )


CASES = {
    case.network: case
    for case in (
        _mnist("lenet5-tanh", lr=0.9, warm=20, timed=180),
        _mnist("resnet-mini", lr=0.1, warm=20, timed=120),
        _mnist("googlenet-mini", lr=0.1, warm=10, timed=60),
        Case(
            network="alexnet-gray",
            pictures=FASHION_MNIST,
            size=(224, 224),
            batch=128,
            optimizer="sgd",
            lr=0.1,
            warm=4,
            timed=10,
            repeats=3,
        ),
        Case(
            network="street-resnet18",
            pictures=HOUSE_NUMBERS,
            size=(64, 128),
            batch=64,
            optimizer="adam",
            lr=0.001,
            warm=5,
            timed=25,
            repeats=3,
        ),
    )
}
