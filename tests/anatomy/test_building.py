"""Networks without numbers."""

import torch
from torch import nn

from convatlas.anatomy.building import without_numbers


def test_a_large_network_costs_nothing() -> None:
    network = without_numbers(lambda: nn.Linear(10**6, 10**6))
    assert network.weight.device.type == "meta"
    assert network.weight.numel() == 10**12


def test_a_constructor_that_reads_numbers_gets_them() -> None:
    def build() -> nn.Module:
        rates = [float(r) for r in torch.linspace(0, 0.5, 3)]
        return nn.Sequential(*(nn.Dropout(r) for r in rates))

    assert [m.p for m in without_numbers(build).children()] == [0.0, 0.25, 0.5]


def test_an_error_of_the_constructor_comes_through() -> None:
    def build() -> nn.Module:
        raise ValueError("no such width")

    try:
        without_numbers(build)
    except ValueError as error:
        assert str(error) == "no such width"
    else:
        raise AssertionError("nothing was raised")
