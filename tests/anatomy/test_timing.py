"""Measured layers: all of them, once each, and nothing changed."""

import torch
from torch import nn

from convatlas.anatomy.timing import time_layers


def test_every_leaf_is_timed_both_ways() -> None:
    relu = nn.ReLU()
    network = nn.Sequential(nn.Conv2d(1, 4, 3), relu, nn.MaxPool2d(2), nn.Flatten())
    network.append(nn.Linear(36, 2)).append(relu).train()
    before = {k: v.clone() for k, v in network.state_dict().items()}
    threads = torch.get_num_threads()
    timing = time_layers(network, (1, 8, 8), batch=2, threads=1)
    calls = [(layer.name, layer.call) for layer in timing.layers]
    assert calls == [("0", 1), ("1", 1), ("2", 1), ("3", 1), ("4", 1), ("1", 2)]
    assert all(layer.forward > 0 and layer.backward > 0 for layer in timing.layers)
    assert timing.peak > 1e8 and timing.forward > 0
    assert (timing.batch, timing.threads) == (2, 1)
    assert torch.get_num_threads() == threads
    assert network.training
    assert all(torch.equal(v, before[k]) for k, v in network.state_dict().items())
    assert not any(m._forward_hooks for m in network.modules())
    assert timing.of("1", 2) is timing.layers[-1]
    assert timing.of("9") is None
