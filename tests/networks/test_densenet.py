"""DenseNet against torchvision and the paper's tables."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn
from torchvision import models

from convatlas.anatomy import trace
from convatlas.errors import InputSizeError
from convatlas.networks import build, find
from convatlas.networks.densenet import torchvision_names
from convatlas.networks.densenet_blocks import DenseLayer

Difference = Callable[..., float]

PARAMETERS = {
    "densenet121": 7_978_856,
    "densenet161": 28_681_000,
    "densenet169": 14_149_480,
    "densenet201": 20_013_928,
}
GMACS = {
    "densenet121": 2.834,
    "densenet161": 7.728,
    "densenet169": 3.360,
    "densenet201": 4.291,
}
DEPTHS = {  # table 1, dense blocks 1 to 4
    "densenet121": [6, 12, 24, 16],
    "densenet169": [6, 12, 32, 32],
    "densenet201": [6, 12, 48, 32],
    "densenet161": [6, 12, 36, 24],  # 264 in the last revision of the paper
}


@pytest.mark.parametrize("name", PARAMETERS)
def test_same_logits_as_torchvision(name: str, difference: Difference) -> None:
    with torch.device("meta"):
        oracle = models.get_model(name)
    images = torch.randn(2, 3, 64, 64)
    assert difference(name, oracle, torchvision_names, images) < 1e-5


@pytest.mark.parametrize("name", DEPTHS)
def test_table_1(name: str) -> None:
    with torch.device("meta"):
        network = build(name)
        table = trace(network, (3, 224, 224))
    blocks = [f"features.block{number}" for number in (1, 2, 3, 4)]
    layers = [list(network.get_submodule(block).children()) for block in blocks]
    assert list(map(len, layers)) == DEPTHS[name]
    assert [table.row(block).output[-1] for block in blocks] == [56, 28, 14, 7]
    assert table.parameters == PARAMETERS[name]
    assert round(table.macs / 1e9, 3) == GMACS[name]
    weighted = [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert len(weighted) == int(name.removeprefix("densenet"))


def test_published_weights_are_torchvisions_and_its_older_names_are_known() -> None:
    for name in PARAMETERS:
        published = find(name).published["imagenet"]
        assert published.url == models.get_model_weights(name)["IMAGENET1K_V1"].url
    with torch.device("meta"):
        names = find("densenet121").published["imagenet"].names(build("densenet121"))
    for style in ("norm.1", "norm1"):
        assert names[f"features.denseblock2.denselayer12.{style}"] == (
            "features.block2.layer12.norm1"
        )


def test_a_file_with_torchvisions_older_names_is_read(tmp_path: Path) -> None:
    oracle = models.densenet121().eval()
    older = {
        re.sub(r"(denselayer\d+\.(?:norm|conv))(\d)", r"\1.\2", key): tensor
        for key, tensor in oracle.state_dict().items()
    }
    assert "features.denseblock1.denselayer1.norm.1.weight" in older
    torch.save(older, tmp_path / "old.pth")
    network = build("densenet121", weights=tmp_path / "old.pth").eval()
    images = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert (network(images) - oracle(images)).abs().max() < 1e-5


def test_layer_appends_its_output_to_its_input() -> None:
    layer = DenseLayer(8, 4).eval()
    images = torch.randn(2, 8, 5, 5)
    out = layer(images)
    assert out.shape == (2, 12, 5, 5)
    assert torch.equal(out[:, :8], images)


def test_bc_100_12_is_that_of_table_2() -> None:
    with torch.device("meta"):
        network = build("densenet-bc-100-12")
        maps = network.features(torch.empty(1, 3, 32, 32))
    parameters = sum(p.numel() for p in network.parameters())
    assert f"{parameters / 1e6:.1f}M" == "0.8M"
    assert parameters == 769_162
    weighted = [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert len(weighted) == 100
    assert maps.shape == (1, 342, 8, 8)


def test_small_images_are_refused_by_name() -> None:
    with pytest.raises(InputSizeError) as caught:
        build("densenet121", input_size=(28, 28))
    assert str(caught.value) == (
        "input 28×28: a map of 1×1 arrives at features.transition3.pool, whose window "
        "of 2×2 does not fit; the input needs at least 29×29"
    )


def test_least_size_fits() -> None:
    with torch.device("meta"):
        network = build("densenet121", input_size=(29, 29))
        assert network(torch.empty(2, 3, 29, 29)).shape == (2, 1000)
