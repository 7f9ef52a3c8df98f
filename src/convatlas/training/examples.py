"""Pictures with what is known of them, on one device."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from convatlas.training.tasks import CLASSES, Task


@dataclass(frozen=True)
class Examples:
    """Pictures with labels, and what a network is asked about them.

    Attributes:
        images: N C H W, uint8 (or float after an augmentation).
        labels: N, or N × digits where numbers are read; int64.
        classes: how many there are.
        task: how answers are compared with the labels.
        boxes: N × digits × 4, of each digit: left, top, right, bottom as shares of the
            picture; NaN where there is no digit. None where they are not known.
        sizes: N × 2, height and width of the picture's file in pixels; None where all
            pictures have one size.
    """

    images: Tensor
    labels: Tensor
    classes: int
    task: Task = CLASSES
    boxes: Tensor | None = None
    sizes: Tensor | None = None

    def __len__(self) -> int:
        return len(self.labels)

    def taken(self, rows: Tensor | slice) -> "Examples":
        """Some of them."""
        return replace(
            self,
            images=self.images[rows],
            labels=self.labels[rows],
            boxes=None if self.boxes is None else self.boxes[rows],
            sizes=None if self.sizes is None else self.sizes[rows],
        )


# of a batch; draws from the generator only
Augmentation = Callable[[Examples, torch.Generator], Examples]


def of_images(change: Callable[[Tensor, torch.Generator], Tensor]) -> Augmentation:
    """The augmentation that changes a batch's pictures and nothing else of it."""

    def augmentation(batch: Examples, generator: torch.Generator) -> Examples:
        return replace(batch, images=change(batch.images, generator))

    return augmentation
