import pytest
import torch
from torch import nn

from convatlas.recipe import Recipe
from convatlas.training.optimizers import add_l1_gradient, build_optimizer, decaying


def network() -> nn.Module:
    return nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Linear(4, 3))


@pytest.mark.parametrize("name", ["sgd", "adam", "adamw", "muon"])
def test_decay_spares_biases_and_norms(name: str) -> None:
    net = network()
    optimizer = build_optimizer(
        net, Recipe.checked({"optimizer": name, "weight_decay": 0.5})
    )
    decays = {
        id(p): group["weight_decay"]
        for group in optimizer.param_groups
        for p in group["params"]
    }
    names = {n for n, p in net.named_parameters() if decays[id(p)] == 0.5}
    assert names == {"0.weight", "2.weight"}
    assert len(decays) == len(list(net.parameters()))


def test_frozen_and_shared_parameters() -> None:
    net = nn.Sequential(nn.Linear(3, 3), nn.Linear(3, 3), nn.Linear(3, 3))
    net[1].weight = net[0].weight
    net[2].requires_grad_(False)
    held = [p for g in build_optimizer(net, Recipe()).param_groups for p in g["params"]]
    assert len(held) == 3  # one shared weight, two biases


def test_l1_gradient_is_that_of_the_sum_of_absolute_values() -> None:
    net = network()
    penalty = 0.01 * sum(p.abs().sum() for p in decaying(net))
    expected = torch.autograd.grad(penalty, decaying(net))
    for p in net.parameters():
        p.grad = torch.zeros_like(p)
    add_l1_gradient(decaying(net), 0.01)
    for p, gradient in zip(decaying(net), expected, strict=True):
        torch.testing.assert_close(p.grad, gradient)
    assert net[0].bias.grad.abs().sum() == 0
