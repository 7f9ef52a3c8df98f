"""Pre-activation ResNets against timm and the paper."""

from collections.abc import Callable, Mapping

import pytest
import timm
import torch
from torch import Tensor, nn

from convatlas.networks import Network, build
from convatlas.networks.preact_resnet import PreactBasic, bare_projection

Difference = Callable[..., float]


def timm_names(network: Network) -> Mapping[str, str]:
    names = {
        "stem.conv": "features.stem.conv",
        "norm": "features.norm",
        "head.fc": "head.fc",
    }
    for path, _ in network.features.named_modules():
        parts = path.split(".")
        if len(parts) == 3 and parts[0].startswith("stage"):
            stage, block = int(parts[0][5:]) - 1, int(parts[1][5:]) - 1
            own = "downsample.conv" if parts[2] == "shortcut" else parts[2]
            names[f"stages.{stage}.blocks.{block}.{own}"] = f"features.{path}"
    return names


def test_50_has_the_logits_of_timm(difference: Difference) -> None:
    with torch.device("meta"):
        oracle = timm.create_model("resnetv2_50")
    images = torch.randn(2, 3, 64, 64)
    assert difference("preact-resnet50", oracle, timm_names, images) < 1e-5


def test_18_has_the_logits_of_timm_but_for_the_first_shortcut(
    difference: Difference,
) -> None:
    with torch.device("meta"):
        oracle = timm.create_model("resnetv2_18")
    first = oracle.stages[0].blocks[0]

    def with_activation_before_both_paths(images: Tensor) -> Tensor:
        active = first.norm1(images)
        return first.conv2(first.norm2(first.conv1(active))) + active

    images = torch.randn(2, 3, 64, 64)
    assert difference("preact-resnet18", oracle, timm_names, images) > 1e-3
    first.forward = with_activation_before_both_paths  # the paper's appendix
    assert difference("preact-resnet18", oracle, timm_names, images) < 1e-5


def test_parameters() -> None:
    for name, parameters in (
        ("preact-resnet18", 11_687_720),
        ("preact-resnet50", 25_549_352),
        ("preact-resnet110", 1_727_962),
    ):
        with torch.device("meta"):
            network = build(name)
        assert sum(p.numel() for p in network.parameters()) == parameters, name


def test_110_has_54_units_of_two_layers() -> None:
    with torch.device("meta"):
        network = build("preact-resnet110")
    units = [m for m in network.modules() if isinstance(m, PreactBasic)]
    assert len(units) == 54
    weighted = [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert len(weighted) == 110
    assert [i for i, unit in enumerate(units) if unit.activate_both] == [0, 18, 36]


@pytest.mark.parametrize("both", [False, True])
def test_unit_is_its_formula(both: bool) -> None:
    unit = PreactBasic(4, 4, 1, bare_projection).eval()
    unit.activate_both = both
    images = torch.randn(2, 4, 6, 6)
    active = torch.relu(unit.norm1(images))
    inner = torch.relu(unit.norm2(unit.conv1(active)))
    expected = (active if both else images) + unit.conv2(inner)
    assert torch.allclose(unit(images), expected)


def test_110_maps() -> None:
    with torch.device("meta"):
        network = build("preact-resnet110", in_channels=1, input_size=(28, 28))
        assert network.features(torch.empty(1, 1, 28, 28)).shape == (1, 64, 7, 7)
