"""A small network with everything that a step can touch, and pictures for it."""

import torch
from torch import Tensor, nn

from convatlas.training.examples import Examples


def network(dropout: float = 0.2) -> nn.Module:
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3),
        nn.BatchNorm2d(4),
        nn.ReLU(),
        nn.AvgPool2d(2),
        nn.Dropout(dropout),
        nn.Flatten(),
        nn.Linear(4 * 3 * 3, 3),
    )


def examples(count: int = 40) -> Examples:
    generator = torch.Generator().manual_seed(0)
    images = torch.randint(0, 255, (count, 1, 8, 8), generator=generator)
    labels = torch.randint(3, (count,), generator=generator)
    return Examples(images.to(torch.uint8), labels, 3)


def scaled(images: Tensor) -> Tensor:
    return images.float() / 255
