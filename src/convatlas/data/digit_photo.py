"""``convatlas.digit_photo`` for tensors."""

import torch
from torch import Tensor

from convatlas import digit_photo
from convatlas.digit_photo import SIDE

__all__ = ["SIDE", "as_mnist", "is_mnist"]


def as_mnist(picture: Tensor) -> Tensor:
    """One digit from paper, a screen or a scan, as MNIST would hold it.

    Args:
        picture: H×W, uint8, grey.

    Returns:
        1×28×28, uint8, light on black.

    Raises:
        DataError: nothing stands out from the ground.
    """
    return torch.from_numpy(digit_photo.as_mnist(picture.numpy()).copy())[None]


def is_mnist(picture: Tensor) -> bool:
    """Whether a grey picture (H×W, uint8) has MNIST's form already."""
    return digit_photo.is_mnist(picture.numpy())
