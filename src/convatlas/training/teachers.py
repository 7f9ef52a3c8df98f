"""Knowledge distillation: a network learns from what trained ones answer.

Hinton et al. 2015 (arXiv:1503.02531), at temperature 1. Several teachers are as good as
their average, which the network learns to be on its own; and where a label is wrong,
they doubt it.
"""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from convatlas.training.speed.execution import Execution


class Teachers:
    """Trained networks that answer to the pictures of a training step.

    Args:
        networks: on one device; put into evaluation mode. They take the input that the
            taught network takes, and answer in the same form.
    """

    def __init__(self, networks: Sequence[nn.Module]) -> None:
        self._networks = [network.eval() for network in networks]

    def __len__(self) -> int:
        return len(self._networks)

    def answers(self, images: Tensor, execution: Execution) -> Tensor:
        """What each of them answers, teachers × N × ..., float32, without history.

        Args:
            images: N C H W, as the networks want them.
            execution: how the training step is carried out.
        """
        with torch.no_grad(), execution.of_forward(images.device):
            told = [network(images).float() for network in self._networks]
        return torch.stack(told)
