"""VGG: the tutorials' trace, table 2 of the paper, torchvision's logits."""

from collections.abc import Callable

import pytest
import torch
from torch import nn
from torchvision import models

from convatlas.errors import InputSizeError
from convatlas.networks import build, find
from convatlas.networks.vgg import torchvision_names

PARAMETERS = {
    "vgg11": 132_863_336,
    "vgg13": 133_047_848,
    "vgg16": 138_357_544,
    "vgg19": 143_667_240,
}
MILLIONS = {"vgg11": 133, "vgg13": 133, "vgg16": 138, "vgg19": 144}  # table 2
BATCH_NORMED = [f"{name}-bn" for name in PARAMETERS]


@pytest.mark.parametrize("name", PARAMETERS)
def test_parameters(name: str) -> None:
    with torch.device("meta"):
        network = build(name)
    count = sum(p.numel() for p in network.parameters())
    assert count == PARAMETERS[name]
    assert round(count / 1e6) == MILLIONS[name]


def test_gray_as_printed() -> None:
    with torch.device("meta"):
        network = build("vgg11-gray").eval()
        images = torch.empty(1, 1, 224, 224)
        found = []
        for block in (*network.features, network.head):
            images = block(images)
            found.append(tuple(images.shape[1:]))
    assert found == [
        *((64, 112, 112), (128, 56, 56), (256, 28, 28), (512, 14, 14), (512, 7, 7)),
        (10,),
    ]
    assert network.head.fc1.in_features == 25_088


def test_small_is_an_eighth_as_wide() -> None:
    with torch.device("meta"):
        full, small = build("vgg11-gray"), build("vgg11-gray-small")
    for path, module in full.named_modules():
        other = small.get_submodule(path)
        if isinstance(module, nn.Conv2d):
            assert module.out_channels == 8 * other.out_channels
    assert (small.head.fc1.out_features, small.head.fc3.out_features) == (512, 10)


@pytest.mark.parametrize("name", [*PARAMETERS, *BATCH_NORMED])
def test_torchvisions_logits(name: str, difference: Callable[..., float]) -> None:
    with torch.device("meta"):
        oracle = models.get_model(name.replace("-", "_"))
        # at 32×32 the last map is 1×1, which torchvision would repeat to 7×7
        oracle.avgpool = nn.Identity()
        oracle.classifier[0] = nn.Linear(512, 4096)
    images = torch.randn(4, 3, 32, 32)
    assert difference(name, oracle, torchvision_names, images) < 1e-5


@pytest.mark.parametrize("name", [*PARAMETERS, *BATCH_NORMED])
def test_every_tensor_of_torchvision_has_its_place(name: str) -> None:
    with torch.device("meta"):
        oracle = models.get_model(name.replace("-", "_"))
        network = build(name)
    names = torchvision_names(network)
    own = {key: tensor.shape for key, tensor in network.state_dict().items()}
    theirs = {}
    for key, tensor in oracle.state_dict().items():
        path, _, kind = key.rpartition(".")
        theirs[f"{names[path]}.{kind}"] = tensor.shape
    assert theirs == own


@pytest.mark.parametrize("name", [*PARAMETERS, *BATCH_NORMED])
def test_the_url_is_torchvisions(name: str) -> None:
    weights = models.get_model_weights(name.replace("-", "_"))
    assert find(name).published["imagenet"].url == weights.IMAGENET1K_V1.url


def test_too_small() -> None:
    with pytest.raises(InputSizeError) as error:
        build("vgg16", input_size=(28, 28))
    assert str(error.value) == (
        "input 28×28: a map of 1×1 arrives at features.block5.pool, whose window of "
        "2×2 does not fit; the input needs at least 32×32"
    )
