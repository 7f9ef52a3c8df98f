"""What can be looked at while a training runs: its first filters, its mistakes."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from convatlas.preparation import Prepared
from convatlas.training.inference import logits_of
from convatlas.training.tasks import CLASSES


@dataclass(frozen=True)
class Mistake:
    """A picture (C H W, uint8) that the network takes for another class.

    Attributes:
        image: as the data set has it.
        index: in the validation split.
        label: what it is.
        answer: what the network takes it for.
        probability: how sure it is of that.
    """

    image: NDArray[np.uint8]
    index: int
    label: str
    answer: str
    probability: float


@dataclass(frozen=True)
class Mistakes:
    """How many of how many pictures were taken for another class; the surest first."""

    count: int
    of: int
    worst: tuple[Mistake, ...]


def mistakes(prepared: Prepared, network: nn.Module, most: int) -> Mistakes | None:
    """What a network gets wrong of the validation split.

    Args:
        prepared: what the network is trained on.
        network: as it is now; it is left as it was.
        most: mistakes to show.

    Returns:
        None where the network is not asked for classes.
    """
    examples = prepared.validation
    if examples.task is not CLASSES or not len(examples):
        return None
    logits = logits_of(network, examples.images, prepared.transform).cpu()
    probabilities, answers = logits.softmax(dim=1).max(dim=1)
    wrong = torch.nonzero(answers != examples.labels.cpu()).flatten()
    order = probabilities[wrong].argsort(descending=True, stable=True)
    split, names = prepared.dataset.validation, prepared.dataset.labels.names
    worst = tuple(
        Mistake(
            image=split.images[i].numpy(),
            index=i,
            label=names[int(split.labels[i])],
            answer=names[int(answers[i])],
            probability=float(probabilities[i]),
        )
        for i in wrong[order][:most].tolist()
    )
    return Mistakes(len(wrong), len(examples), worst)


def first_filters(network: nn.Module) -> tuple[str, Tensor] | None:
    """The first convolution's path and kernels, a copy: out × in × height × width."""
    for name, module in network.named_modules():
        if isinstance(module, nn.Conv2d):
            return name, module.weight.detach().float().cpu().clone()
    return None
