"""Keeping a network's features as they are while its head learns."""

from torch import nn


def features_of(network: nn.Module) -> nn.Module:
    """The part before the head; an empty module where a network has no such part."""
    features = getattr(network, "features", None)
    return features if isinstance(features, nn.Module) else nn.Identity()


def freeze_features(network: nn.Module) -> None:
    """Excludes the features from training."""
    features_of(network).requires_grad_(False)


def set_training(network: nn.Module) -> None:
    """Training mode, but frozen features stay in evaluation mode.

    Otherwise their batch norms would go on averaging, and their dropout would drop.
    """
    network.train()
    features = features_of(network)
    parameters = list(features.parameters())
    if parameters and not any(p.requires_grad for p in parameters):
        features.eval()
