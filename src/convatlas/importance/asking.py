"""A question to a network: one picture, one number of the answer."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn

from convatlas.importance.batches import at_once
from convatlas.importance.targets import Target

MOST = 32  # pictures per forward


@dataclass(frozen=True)
class Question:
    """What every method gets.

    Attributes:
        network: ready to be asked, see ``undisturbed.attributing``.
        picture: 1 C H W, on the network's device.
        target: what is asked about.
        blank: 1 C H W, a picture that shows nothing.
    """

    network: nn.Module
    picture: Tensor
    target: Target
    blank: Tensor

    def score(self, images: Tensor) -> Tensor:
        """N: the target's sum of logits for N pictures."""
        # a copy, since a network may work in place on what it is given
        return self.target.score(self.network(images.clone()))

    @property
    def size(self) -> tuple[int, int]:
        """Height and width of the picture."""
        return self.picture.shape[2], self.picture.shape[3]

    @property
    def at_once(self) -> int:
        """Pictures per forward."""
        return at_once(self.picture.numel(), MOST)

    def score_of_picture(self) -> float:
        """Without gradients."""
        return self._number(self.picture)

    def score_of_blank(self) -> float:
        """Without gradients."""
        return self._number(self.blank)

    def _number(self, images: Tensor) -> float:
        with torch.no_grad():
            return float(self.score(images)[0])
