"""ResNet for ImageNet against torchvision and the paper."""

from collections.abc import Callable

import pytest
import torch
from torch import nn
from torchvision import models

from convatlas.anatomy import trace
from convatlas.errors import InputSizeError
from convatlas.networks import build, find
from convatlas.networks.resnet import torchvision_names

Difference = Callable[..., float]

PARAMETERS = {
    "resnet18": 11_689_512,
    "resnet34": 21_797_672,
    "resnet50": 25_557_032,
    "resnet101": 44_549_160,
    "resnet152": 60_192_808,
    "resnet50-v1": 25_557_032,
    "resnet101-v1": 44_549_160,
    "resnet152-v1": 60_192_808,
}
GMACS = {"resnet18": 1.814, "resnet34": 3.664, "resnet50": 4.089}
MULTIPLICATIONS = {  # 10⁹, table 1 of the paper counts the same for its own form
    "resnet18": 1.8,
    "resnet34": 3.6,
    "resnet50-v1": 3.8,
    "resnet101-v1": 7.6,
    "resnet152-v1": 11.3,
}


@pytest.mark.parametrize("name", ["resnet18", "resnet34", "resnet50"])
def test_same_logits_as_torchvision(name: str, difference: Difference) -> None:
    with torch.device("meta"):
        oracle = models.get_model(name)
    images = torch.randn(2, 3, 64, 64)
    assert difference(name, oracle, torchvision_names, images) < 1e-5


@pytest.mark.slow
@pytest.mark.parametrize("name", ["resnet101", "resnet152"])
def test_same_logits_as_torchvision_deep(name: str, difference: Difference) -> None:
    with torch.device("meta"):
        oracle = models.get_model(name)
    images = torch.randn(2, 3, 64, 64)
    assert difference(name, oracle, torchvision_names, images) < 1e-5


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters_sizes_and_operations_of_table_1(name: str) -> None:
    with torch.device("meta"):
        table = trace(build(name), (3, 224, 224))
    parts = ("stem", "stage1", "stage2", "stage3", "stage4")
    sizes = [table.row(f"features.{part}").output[-1] for part in parts]
    assert sizes == [56, 56, 28, 14, 7]
    assert table.parameters == PARAMETERS[name]
    # the paper's row of FLOPs, in multiply-adds, is printed with two digits
    if name in GMACS:
        assert round(table.macs / 1e9, 3) == GMACS[name]
    if name in MULTIPLICATIONS:
        assert abs(table.macs / 1e9 - MULTIPLICATIONS[name]) < 0.1
    else:  # the stride in the 3×3 convolution costs more
        assert table.macs / 1e9 > MULTIPLICATIONS[f"{name}-v1"] + 0.1


def test_published_weights_name_every_tensor_of_torchvisions_network() -> None:
    for name in ("resnet18", "resnet34", "resnet50", "resnet101", "resnet152"):
        with torch.device("meta"):
            network, oracle = build(name), models.get_model(name)
        published = find(name).published["imagenet"]
        own = published.names(network)
        theirs = {key.rpartition(".")[0] for key in oracle.state_dict()}
        assert theirs <= set(own)
        weights = models.get_model_weights(name)["IMAGENET1K_V1"]
        assert published.url == weights.url


def test_published_v2_weights() -> None:
    for name in ("resnet50", "resnet101", "resnet152"):
        weights = models.get_model_weights(name)["IMAGENET1K_V2"]
        assert find(name).published["imagenet-v2"].url == weights.url


def test_small_keeps_the_size_before_the_stages() -> None:
    with torch.device("meta"):
        network = build("resnet18-small", in_channels=1, input_size=(28, 28))
        maps = network.features.get_submodule("stem")(torch.empty(1, 1, 28, 28))
    assert maps.shape == (1, 64, 28, 28)


def test_weights_start_as_published() -> None:
    network = build("resnet18")
    conv = network.get_submodule("features.stage4.block2.conv1")
    assert isinstance(conv, nn.Conv2d)
    assert conv.weight.std().item() == pytest.approx((2 / (512 * 9)) ** 0.5, rel=0.02)


def test_no_pixels() -> None:
    with pytest.raises(InputSizeError, match="features.stem.conv"):
        find("resnet18").build(classes=10, in_channels=3, input_size=(0, 32))
