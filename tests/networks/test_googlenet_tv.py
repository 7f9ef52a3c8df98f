"""torchvision's GoogLeNet, against torchvision."""

from collections.abc import Callable
from pathlib import Path

import torch
from torchvision import models

from convatlas.anatomy import trace
from convatlas.networks import build, find
from convatlas.networks.googlenet_tv import torchvision_names


def test_same_logits(difference: Callable[..., float]) -> None:
    with torch.device("meta"):
        oracle = models.googlenet(aux_logits=False, init_weights=False)
    images = torch.randn(2, 3, 64, 64)
    assert difference("googlenet-tv", oracle, torchvision_names, images) < 1e-5


def test_parameters_and_macs() -> None:
    with torch.device("meta"):
        table = trace(build("googlenet-tv"), (3, 224, 224))
    assert table.parameters == 6_624_904
    assert round(table.macs / 1e9, 3) == 1.498


def test_a_file_with_auxiliary_classifiers_is_read_without_them(
    tmp_path: Path,
) -> None:
    oracle = models.googlenet(init_weights=False).eval()
    torch.save(oracle.state_dict(), tmp_path / "published.pth")
    network = build("googlenet-tv", weights=tmp_path / "published.pth").eval()
    images = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert (network(images) - oracle(images)).abs().max() < 1e-5


def test_published_weights_expect_what_torchvision_makes_of_its_input() -> None:
    published = find("googlenet-tv").published["imagenet"]
    assert published.url == models.GoogLeNet_Weights.IMAGENET1K_V1.url
    pixels = torch.rand(1, 3, 4, 4)
    with torch.device("meta"):
        oracle = models.googlenet(
            aux_logits=False, transform_input=True, init_weights=False
        )
    imagenet = torch.tensor([[0.485, 0.456, 0.406], [0.229, 0.224, 0.225]])
    mean, std = imagenet.reshape(2, 3, 1, 1)
    expected = oracle._transform_input((pixels - mean) / std)
    mean, std = torch.tensor([published.mean, published.std]).reshape(2, 3, 1, 1)
    assert torch.allclose((pixels - mean) / std, expected, atol=1e-6)
