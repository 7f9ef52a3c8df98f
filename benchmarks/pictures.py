"""The pictures that trainings are compared on."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Pictures:
    """A data set, and how both sides normalise it.

    Attributes:
        data: name in the catalogue of convatlas.
        folder: torchvision's name of the class and of the folder; empty for house
            numbers.
        mean: of the training split's pixels, 0 ... 1, a value a channel.
        std: their standard deviation.
    """

    data: str
    folder: str
    mean: tuple[float, ...]
    std: tuple[float, ...]


MNIST = Pictures("mnist", "MNIST", (0.130644,), (0.308084,))
FASHION_MNIST = Pictures("fashion-mnist", "FashionMNIST", (0.286044,), (0.353024,))
# as the tutorial has it, with ImageNet's mean and deviation
HOUSE_NUMBERS = Pictures("protocol-p", "", (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
