"""What every network of the atlas is: features, then a head."""

from torch import Tensor, nn


class Network(nn.Module):
    """``logits = head(features(images))``, nothing else.

    Everything between images and logits is a module with a name (also activations,
    pooling, sums and concatenations), used once, and nothing works in place: hooks,
    receptive fields and class maps depend on it.

    Attributes:
        features: images (N C H W, float) to a map (N C H W).
        head: the map to logits: N × classes, or N × digits × classes for a number.
    """

    features: nn.Module
    head: nn.Module

    def __init__(self, features: nn.Module, head: nn.Module) -> None:
        super().__init__()
        self.features = features
        self.head = head

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.head(self.features(images))
        return logits
