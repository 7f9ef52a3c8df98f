"""Auxiliary classifiers: which maps they see, and that forward leaves them out."""

from collections import OrderedDict

import torch
from torch import nn

from convatlas.networks.auxiliary import AuxiliaryNetwork


def network() -> AuxiliaryNetwork:
    features = nn.Sequential(
        OrderedDict(first=nn.Conv2d(1, 2, 3), second=nn.Conv2d(2, 4, 3))
    )
    head = nn.Sequential(nn.Flatten(), nn.Linear(4 * 2 * 2, 3))
    side = nn.Sequential(nn.Flatten(), nn.Linear(2 * 4 * 4, 3))
    return AuxiliaryNetwork(features, head, {"first": side}, weight=0.3)


def test_auxiliary_logits_come_from_the_named_map() -> None:
    net = network()
    images = torch.randn(5, 1, 6, 6)
    logits, side = net.logits_with_auxiliaries(images)
    assert torch.equal(logits, net(images))
    first = net.get_submodule("features.first")(images)
    assert torch.equal(side, net.get_submodule("auxiliaries.first")(first))
    assert net.auxiliary_weights == (0.3,)


def test_forward_never_runs_them() -> None:
    net = network().train()

    def refuse(*_: object) -> None:
        raise AssertionError("an auxiliary classifier was run")

    net.get_submodule("auxiliaries.first").register_forward_pre_hook(refuse)
    assert net(torch.randn(2, 1, 6, 6)).shape == (2, 3)


def test_side_losses_reach_the_early_layers_only() -> None:
    net = network()
    _, side = net.logits_with_auxiliaries(torch.randn(2, 1, 6, 6))
    side.sum().backward()
    assert net.get_submodule("features.first").weight.grad is not None
    assert net.get_submodule("features.second").weight.grad is None
