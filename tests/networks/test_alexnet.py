"""AlexNet: the tutorials' traces, the paper's figures, torchvision's logits."""

from collections.abc import Callable

import pytest
import torch
from torch import nn
from torchvision import models

from convatlas.errors import InputSizeError
from convatlas.networks import build, find
from convatlas.networks.alexnet import torchvision_names

GRAY = """96×54×54 96×54×54 96×26×26 256×26×26 256×26×26 256×12×12 384×12×12 384×12×12
384×12×12 384×12×12 256×12×12 256×12×12 256×5×5 6400 4096 4096 4096 4096 4096 4096 10"""


def trace(name: str) -> list[str]:
    with torch.device("meta"):
        network = build(name).eval()
        images = torch.empty(1, *find(name).input)
    found = []
    for layer in (*network.features, *network.head):
        images = layer(images)
        found.append("×".join(str(size) for size in images.shape[1:]))
    return found


def parameters(name: str, **arguments: int) -> int:
    with torch.device("meta"):
        network = build(name, **arguments)
    return sum(p.numel() for p in network.parameters())


def test_gray_as_table_3_1() -> None:
    assert trace("alexnet-gray") == GRAY.split()
    assert parameters("alexnet-gray") == 46_764_746


def test_the_simplifications_of_tutorial_001() -> None:
    outputs = trace("alexnet-gray-1fc")
    assert outputs[:13] == GRAY.split()[:13]  # padded or not, the maps are the same
    assert outputs[13:] == ["6400", "4096", "4096", "4096", "1000"]
    full = parameters("alexnet-gray-unpadded")
    assert full == parameters("alexnet-gray")
    without_dense = parameters("alexnet-gray-1fc", classes=10)
    assert full - without_dense == 4096 * 4096 + 4096
    without_convolution = parameters("alexnet-gray-1fc-4conv")
    assert without_dense - without_convolution == 384 * 384 * 9 + 384


def test_only_the_padding_differs() -> None:
    with torch.device("meta"):
        padded, bare = build("alexnet-gray"), build("alexnet-gray-unpadded")
    assert padded.features.conv1.padding == (1, 1)
    assert bare.features.conv1.padding == (0, 0)


PAPER = {  # section 3.5: kernels, and what each sees; the weights follow from them
    "features.conv1": 96 * (11 * 11 * 3) + 96,
    "features.conv2": 256 * (5 * 5 * 48) + 256,
    "features.conv3": 384 * (3 * 3 * 256) + 384,
    "features.conv4": 384 * (3 * 3 * 192) + 384,
    "features.conv5": 256 * (3 * 3 * 192) + 256,
    "head.fc6": 6 * 6 * 256 * 4096 + 4096,
    "head.fc7": 4096 * 4096 + 4096,
    "head.fc8": 4096 * 1000 + 1000,
}
NEURONS = [290_400, 186_624, 64_896, 64_896, 43_264]  # figure 2; the last 4096, 1000


def test_2012_layer_by_layer() -> None:
    with torch.device("meta"):
        network = build("alexnet")
    counts = {
        name: sum(p.numel() for p in network.get_submodule(name).parameters())
        for name in PAPER
    }
    assert counts == PAPER
    assert sum(counts.values()) == parameters("alexnet") == 60_965_224


def test_2012_neurons() -> None:
    with torch.device("meta"):
        network = build("alexnet").eval()
        images = torch.empty(1, 3, 224, 224)
        neurons = []
        for layer in network.features:
            images = layer(images)
            if isinstance(layer, nn.Conv2d):
                neurons.append(images.numel())
    assert neurons == NEURONS
    assert images.shape == (1, 256, 6, 6)


def test_2012_response_norm_is_the_papers_formula() -> None:
    norm = build("alexnet", input_size=(63, 63)).features.norm1
    images = 30 * torch.randn(1, 9, 2, 2)
    k, n, alpha, beta = 2, 5, 1e-4, 0.75
    for i in range(9):
        near = images[:, max(0, i - n // 2) : min(9, i + n // 2 + 1)]
        expected = images[:, i] / (k + alpha * near.square().sum(1)) ** beta
        torch.testing.assert_close(norm(images)[:, i], expected)


def test_2012_initial_weights() -> None:
    network = build("alexnet", input_size=(63, 63))
    for name, bias in (("conv1", 0), ("conv2", 1), ("conv3", 0), ("conv4", 1)):
        layer = network.get_submodule(f"features.{name}")
        assert abs(layer.weight.std() - 0.01) < 1e-3
        assert torch.all(layer.bias == bias)
    assert torch.all(network.head.fc7.bias == 1)
    assert torch.all(network.head.fc8.bias == 0)


def test_owt_gives_torchvisions_logits(difference: Callable[..., float]) -> None:
    with torch.device("meta"):
        oracle = models.alexnet()
    images = torch.randn(1, 3, 224, 224)
    assert difference("alexnet-owt", oracle, torchvision_names, images) < 1e-5
    assert parameters("alexnet-owt") == 61_100_840


def test_the_url_is_torchvisions() -> None:
    published = find("alexnet-owt").published["imagenet"]
    assert published.url == models.AlexNet_Weights.IMAGENET1K_V1.url


def test_too_small() -> None:
    with pytest.raises(InputSizeError) as error:
        build("alexnet", input_size=(60, 224))
    assert str(error.value) == (
        "input 60×224: a map of 2×13 arrives at features.pool5, whose window of 3×3 "
        "does not fit; the input needs at least 63×63"
    )
