"""Spread and limits of the published starts."""

import pytest
import torch
from torch import nn

from convatlas.networks.published_init import fan_out, truncated, truncated_fan_in


def test_fan_out_counts_the_output_channels() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv2d(8, 256, 3), nn.Linear(10, 4))
    fan_out(network)
    expected = (2 / (9 * 256)) ** 0.5
    assert network[0].weight.std().item() == pytest.approx(expected, rel=0.03)
    assert torch.equal(network[1].bias, torch.zeros(4))


@pytest.mark.parametrize(
    "layer",
    [nn.Conv2d(64, 64, 3), nn.Conv2d(64, 128, 3, groups=2), nn.Linear(576, 200)],
)
def test_truncated_fan_in_keeps_the_variance(layer: nn.Conv2d | nn.Linear) -> None:
    torch.manual_seed(0)
    truncated_fan_in(layer)
    expected = (2 / layer.weight[0].numel()) ** 0.5
    assert layer.weight.std().item() == pytest.approx(expected, rel=0.03)
    assert layer.weight.abs().max().item() <= 2 * expected * 1.3**0.5
    assert layer.bias is not None
    assert not layer.bias.any()


def test_truncated_cuts_at_two_deviations() -> None:
    torch.manual_seed(0)
    layer = nn.Linear(300, 300, bias=False)
    truncated(layer, 0.1)
    assert 0.19 < layer.weight.abs().max().item() <= 0.2
