"""What a network can be asked about a data set."""

from collections.abc import Mapping

from convatlas.data.dataset import Dataset
from convatlas.errors import NetworkError
from convatlas.networks.registry import Answers, Variant
from convatlas.training.box_task import BoxTask
from convatlas.training.tasks import (
    CLASSES,
    ColumnsTask,
    DigitsTask,
    LengthTask,
    Task,
)

TASKS: Mapping[Answers, Task] = {
    "class": CLASSES,
    "digits": DigitsTask(),
    "attention": DigitsTask(),
    "length": LengthTask(),
    "columns": ColumnsTask(),
    "box": BoxTask(),
}


def task_for(variant: Variant, dataset: Dataset) -> Task:
    """The task that fits a network's answers.

    Raises:
        NetworkError: the network answers something else than the data set asks.
    """
    numbers = dataset.labels.digits > 0
    if numbers and variant.answers == "class":
        raise NetworkError(
            f"{variant.name} tells one class a picture, but {dataset.name} has numbers "
            f"of several digits: {variant.name}:attention gives it a head that reads "
            "them, and street-resnet18 is the tutorial's reader"
        )
    if not numbers and variant.answers != "class":
        raise NetworkError(
            f"{variant.name} reads numbers of several digits, but {dataset.name} has "
            f"one label a picture ({dataset.labels.classes} classes): choose another "
            "network ('convatlas networks' lists them)"
        )
    return TASKS[variant.answers]
