"""What the tests of several families need: comparing a network with another one."""

import math
from collections.abc import Callable, Mapping

import pytest
import torch
from torch import Tensor, nn

from convatlas.networks import Network, build

Names = Callable[[Network], Mapping[str, str]]


def filled(oracle: nn.Module, images: Tensor) -> nn.Module:
    """Gives a network from the meta device random weights and fitting statistics."""
    oracle = oracle.to_empty(device="cpu")
    for module in oracle.modules():
        if isinstance(module, nn.Conv2d | nn.Linear):
            bound = math.sqrt(6 / module.weight[0].numel())
            nn.init.uniform_(module.weight, -bound, bound)
            if module.bias is not None:
                nn.init.uniform_(module.bias, -0.1, 0.1)
        elif isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.weight, 0.5, 1.5)
            nn.init.uniform_(module.bias, -0.5, 0.5)
            module.reset_running_stats()
            module.momentum = 1.0
    with torch.no_grad():
        oracle.train()(images)  # every norm now holds the statistics of these images
    return oracle.eval()


def twin(network: Network, oracle: nn.Module, names: Mapping[str, str]) -> Network:
    """The network with the tensors of another one, every one of them used."""
    shapes = {key: tensor.shape for key, tensor in network.state_dict().items()}
    state = {}
    for key, tensor in oracle.state_dict().items():
        path, _, kind = key.rpartition(".")
        target = f"{names[path]}.{kind}"
        state[target] = tensor.reshape(shapes[target])  # a 1×1 head may be dense
    network.load_state_dict(state, strict=True, assign=True)
    return network


@pytest.fixture
def pair() -> Callable[..., tuple[Network, nn.Module]]:
    """A variant and another network with the same weights, both in eval mode.

    ``pair(name, oracle, names, images)``: the oracle comes from the meta device and
    gets random weights; all of them are copied to the variant by ``names``, its own
    paths by the oracle's.
    """

    def make(
        name: str, oracle: nn.Module, names: Names, images: Tensor, classes: int = 1000
    ) -> tuple[Network, nn.Module]:
        oracle = filled(oracle, images)
        channels, height, width = images.shape[1:]
        with torch.device("meta"):
            network = build(
                name,
                classes=classes,
                in_channels=channels,
                input_size=(height, width),
            ).eval()
        return twin(network, oracle, names(network)), oracle

    return make


@pytest.fixture
def in_order() -> Callable[[nn.Module], Names]:
    """Names by the order of the layers, for networks that list theirs alike."""

    def weighted(network: nn.Module) -> list[str]:
        kinds = nn.Conv2d | nn.Linear | nn.BatchNorm2d
        return [path for path, m in network.named_modules() if isinstance(m, kinds)]

    def names_of(oracle: nn.Module) -> Names:
        theirs = weighted(oracle)
        return lambda network: dict(zip(theirs, weighted(network), strict=True))

    return names_of


@pytest.fixture
def difference(pair: Callable[..., tuple[Network, nn.Module]]) -> Callable[..., float]:
    """Largest difference of logits between a variant and another network, see ``pair``.

    ``difference(name, oracle, names, images)``.
    """

    def measure(
        name: str, oracle: nn.Module, names: Names, images: Tensor, classes: int = 1000
    ) -> float:
        network, oracle = pair(name, oracle, names, images, classes)
        with torch.no_grad():
            expected, got = oracle(images), network(images)
        assert expected.std() > 0.01  # logits that differ, or nothing is compared
        return float((expected - got).abs().max())

    return measure
