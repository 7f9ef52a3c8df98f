"""The ResNets for 32×32 images against table 6 of the paper."""

import pytest
import torch
from torch import nn

from convatlas.networks import build
from convatlas.networks.resnet_cifar import PadChannels, zero_padded

MILLIONS = {20: "0.27", 32: "0.46", 44: "0.66", 56: "0.85", 110: "1.7"}  # table 6


@pytest.mark.parametrize("layers", MILLIONS)
def test_parameters_of_table_6(layers: int) -> None:
    with torch.device("meta"):
        network = build(f"resnet{layers}")
    millions = sum(p.numel() for p in network.parameters()) / 1e6
    digits = len(MILLIONS[layers].partition(".")[2])
    assert f"{millions:.{digits}f}" == MILLIONS[layers]


@pytest.mark.parametrize("layers", MILLIONS)
def test_weight_layers_are_6n_plus_2(layers: int) -> None:
    with torch.device("meta"):
        network = build(f"resnet{layers}")
    weighted = [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert len(weighted) == layers


def test_maps_of_section_4_2() -> None:
    with torch.device("meta"):
        network = build("resnet20")
        maps = torch.empty(1, 3, 32, 32)
        seen = []
        for name, module in network.features.named_children():
            maps = module(maps)
            if name.startswith("stage"):
                seen.append(tuple(maps.shape[1:]))
    assert seen == [(16, 32, 32), (32, 16, 16), (64, 8, 8)]


def test_shortcut_takes_every_second_pixel_and_adds_zeros() -> None:
    images = torch.randn(2, 16, 7, 8)
    out = zero_padded(16, 32, 2)(images)
    assert torch.equal(out[:, :16], images[:, :, ::2, ::2])
    assert torch.equal(out[:, 16:], torch.zeros(2, 16, 4, 4))


def test_shortcut_without_change_is_the_identity() -> None:
    assert isinstance(zero_padded(16, 16, 1), nn.Identity)


def test_shortcuts_have_no_parameters() -> None:
    with torch.device("meta"):
        network = build("resnet20")
    pads = [m for m in network.modules() if isinstance(m, PadChannels)]
    assert [pad.extra for pad in pads] == [16, 32]
    assert not [name for name, _ in network.named_parameters() if "shortcut" in name]
