"""Effective receptive fields: inside the theoretical one, strongest in its middle."""

import pytest
import torch
from torch import nn

from convatlas.anatomy import trace
from convatlas.anatomy.effective import effective_field


def chain(depth: int) -> nn.Sequential:
    torch.manual_seed(1)
    return nn.Sequential(*(nn.Conv2d(1 if not i else 4, 4, 3) for i in range(depth)))


def test_gradients_stay_inside_the_field_in_theory() -> None:
    network, input = chain(3), (1, 15, 15)
    effect = effective_field(network, "2", (4, 4), input, samples=2)
    patch = trace(network, input).row("2").patch((4, 4))
    ys, xs = torch.nonzero(effect.strength, as_tuple=True)
    found = (ys.min(), xs.min(), ys.max(), xs.max())
    assert tuple(map(int, found)) == patch == (4, 4, 10, 10)
    assert effect.strength.max() == 1


def test_deep_chains_see_the_middle_best() -> None:
    effect = effective_field(chain(8), "7", (5, 5), (1, 27, 27), samples=4)
    middle = effect.strength[11:16, 11:16].mean()
    corner = effect.strength[5:8, 5:8].mean()
    assert corner < 0.2 * middle
    assert effect.size < 17


def test_the_same_seed_gives_the_same_and_nothing_is_left_behind() -> None:
    network = chain(2).train()
    one, other = (
        effective_field(network, "1", (1, 1), (1, 9, 9), samples=2, seed=3)
        for _ in range(2)
    )
    assert torch.equal(one.strength, other.strength)
    assert network.training and not network[1]._forward_hooks
    assert all(p.grad is None for p in network.parameters())


def test_a_unit_that_nothing_moves() -> None:
    network = nn.Sequential(nn.Conv2d(1, 1, 3))
    nn.init.zeros_(network[0].weight)
    effect = effective_field(network, "0", (0, 0), (1, 5, 5), samples=1)
    assert effect.strength.sum() == 0 and effect.size == pytest.approx(0)
