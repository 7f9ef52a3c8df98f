"""The small modules that families share."""

import torch

from convatlas.networks.blocks import (
    Add,
    Concat,
    GlobalAveragePool,
    ScaledTanh,
    SelectChannels,
    SubSampling,
)


def test_add_leaves_its_inputs_alone() -> None:
    a, b = torch.ones(1, 2, 1, 1), torch.full((1, 2, 1, 1), 2.0)
    assert Add()(a, b, b).flatten().tolist() == [5, 5]
    assert a.flatten().tolist() == [1, 1]


def test_concat_stacks_channels() -> None:
    a, b = torch.zeros(2, 1, 3, 3), torch.ones(2, 4, 3, 3)
    assert Concat()(a, b).mean(dim=(0, 2, 3)).tolist() == [0, 1, 1, 1, 1]


def test_global_average() -> None:
    images = torch.arange(12.0).reshape(1, 2, 2, 3)
    assert GlobalAveragePool()(images).shape == (1, 2, 1, 1)
    assert GlobalAveragePool()(images).flatten().tolist() == [2.5, 8.5]


def test_select_copies_in_order() -> None:
    images = torch.arange(3.0).reshape(1, 3, 1, 1)
    assert SelectChannels([2, 0, 2])(images).flatten().tolist() == [2, 0, 2]
    assert SelectChannels([2, 0]).state_dict() == {}


def test_sub_sampling_starts_as_a_plain_sum() -> None:
    images = torch.arange(4.0).reshape(1, 1, 2, 2)
    assert SubSampling(1)(images).item() == 6
    assert sum(p.numel() for p in SubSampling(6).parameters()) == 12


def test_scaled_tanh_saturates_at_its_amplitude() -> None:
    assert abs(ScaledTanh()(torch.tensor(50.0)) - 1.7159) < 1e-6
