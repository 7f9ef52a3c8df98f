"""Residual blocks against their formulas."""

import pytest
import torch
from torch import nn

from convatlas.networks.resnet_blocks import (
    basic,
    bottleneck,
    bottleneck_v1,
    projection,
    stages,
)


@pytest.mark.parametrize(("channels", "stride"), [(4, 1), (8, 1), (8, 2)])
def test_basic_block(channels: int, stride: int) -> None:
    block = basic(4, channels, stride).eval()
    images = torch.randn(2, 4, 6, 6)
    inner = torch.relu(block.norm1(block.conv1(images)))
    inner = block.norm2(block.conv2(inner))
    expected = torch.relu(inner + block.shortcut(images))
    assert torch.equal(block(images), expected)
    assert expected.shape == (2, channels, 6 // stride, 6 // stride)


def test_bottlenecks_differ_in_the_place_of_the_stride() -> None:
    images = torch.randn(1, 8, 6, 6)
    for make, strides in (
        (bottleneck, [(1, 1), (2, 2), (1, 1)]),
        (bottleneck_v1, [(2, 2), (1, 1), (1, 1)]),
    ):
        block = make(8, 16, 2).eval()
        assert [c.stride for c in (block.conv1, block.conv2, block.conv3)] == strides
        assert (block.conv1.out_channels, block.conv3.out_channels) == (4, 16)
        assert block(images).shape == (1, 16, 3, 3)


def test_v1_never_reads_three_of_four_positions() -> None:
    images = torch.randn(1, 8, 6, 6)
    other = torch.randn(1, 8, 6, 6)
    other[:, :, ::2, ::2] = images[:, :, ::2, ::2]
    v1, v15 = bottleneck_v1(8, 16, 2).eval(), bottleneck(8, 16, 2).eval()
    assert torch.equal(v1(images), v1(other))
    assert not torch.allclose(v15(images), v15(other))


def test_projection_only_where_the_shape_changes() -> None:
    assert isinstance(projection(4, 4, 1), nn.Identity)
    for channels, stride in ((8, 1), (4, 2)):
        shortcut = projection(4, channels, stride)
        assert shortcut(torch.randn(2, 4, 6, 6)).shape[1] == channels


def test_every_stage_but_the_first_halves_in_its_first_block() -> None:
    made: list[tuple[int, int, int]] = []

    def note(in_channels: int, channels: int, stride: int) -> nn.Module:
        made.append((in_channels, channels, stride))
        return nn.Identity()

    found = stages(note, 4, (4, 8, 16), (2, 1, 2))
    assert list(found) == ["stage1", "stage2", "stage3"]
    assert made == [(4, 4, 1), (4, 4, 1), (4, 8, 2), (8, 16, 2), (16, 16, 1)]
