"""The tutorials' networks for house numbers: printed shapes, heads, trunk."""

from pathlib import Path

import pytest
import torch
from torchvision import models

from convatlas.errors import InputSizeError
from convatlas.networks import build

PRINTED = [(16, 31, 63), (16, 31, 63), (16, 15, 31), (32, 7, 15), (32, 7, 15)]


@pytest.mark.parametrize(("name", "digits"), [("street-cnn", 5), ("street-cnn-6", 6)])
def test_shapes_and_heads(name: str, digits: int) -> None:
    network = build(name)
    images = torch.zeros(2, 3, 64, 128)
    found = []
    for layer in network.features:
        images = layer(images)
        found.append(tuple(images.shape[1:]))
    assert found == [*PRINTED, (32, 3, 7)]
    assert network(torch.zeros(2, 3, 64, 128)).shape == (2, digits, 11)
    assert [head.in_features for head in network.head.digits] == [672] * digits


@pytest.mark.parametrize(
    ("name", "width"), [("street-resnet18", 512), ("street-resnet50", 2048)]
)
def test_trunk_and_heads(name: str, width: int) -> None:
    with torch.device("meta"):
        network = build(name).eval()
        images = torch.empty(1, 3, 64, 128)
        assert network.features(images).shape == (1, width, 2, 4)
        assert network(images).shape == (1, 5, 11)
    assert [head.in_features for head in network.head.digits] == [width] * 5


def test_trunk_takes_torchvisions_weights(tmp_path: Path) -> None:
    torch.manual_seed(0)
    oracle = models.resnet18().eval()
    torch.save(oracle.state_dict(), tmp_path / "resnet18.pth")
    network = build("street-resnet18", weights=tmp_path / "resnet18.pth").eval()
    images = torch.randn(2, 3, 64, 128)
    with torch.no_grad():
        vector = network.head.vector(network.features(images))
        oracle.fc = torch.nn.Identity()
        torch.testing.assert_close(vector, oracle(images))


def test_another_size_grows_the_heads() -> None:
    # the tutorial trains on crops of 60×120, which fit by luck; 70×140 do not
    assert build("street-cnn", input_size=(60, 120)).head.digits[0].in_features == 672
    assert build("street-cnn", input_size=(70, 140)).head.digits[0].in_features == 1024


def test_too_small() -> None:
    with pytest.raises(InputSizeError, match="features.pool2, .* at least 21×21$"):
        build("street-cnn", input_size=(16, 128))
