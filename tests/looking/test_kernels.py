import numpy as np
import pytest
import torch
from torch import nn

from convatlas.anatomy import trace
from convatlas.errors import UnknownName, UsageError
from convatlas.looking import message
from convatlas.looking.kernels import kernels_of, layers_with_kernels
from convatlas.networks import build


def test_filters_over_three_colours_are_pictures() -> None:
    network = build("resnet20")
    table = trace(network, (3, 32, 32))
    first = table.rows[layers_with_kernels(network, table)[0]].name
    kernels = kernels_of(network, table, first)
    assert kernels.coloured and kernels.form == "filters"
    picture = kernels.picture(2)
    assert picture.shape == (3, 3, 3) and picture.dtype == np.uint8
    most = float(kernels.weights.abs().max())
    expected = (kernels.weights[2].permute(1, 2, 0).numpy() / most + 1) * 127.5
    assert np.abs(picture - expected).max() <= 1
    deeper = table.rows[layers_with_kernels(network, table)[1]].name
    assert not kernels_of(network, table, deeper).coloured


def test_all_slices_travel_with_their_own_scale() -> None:
    network = build("lenet5-tanh")
    table = trace(network, (1, 28, 28))
    kernels = kernels_of(network, table, "features.conv2")
    weight = network.get_parameter("features.conv2.weight").detach()
    assert torch.equal(kernels.slices, weight.flatten(0, 1))
    (layer,) = message.read(message.write([kernels.as_maps()])).layers
    assert layer.shape == (96, 5, 5) and layer.signed
    assert (layer.more["out"], layer.more["in"]) == (16, 6)
    assert np.abs(layer.maps - weight.flatten(0, 1).numpy()).max() < 0.005


def test_dense_weights_behind_a_map_are_templates() -> None:
    network = nn.Sequential(nn.Conv2d(1, 3, 3), nn.Flatten(), nn.Linear(48, 5))
    table = trace(network, (1, 6, 6))
    kernels = kernels_of(network, table, "2")
    assert kernels.form == "templates" and kernels.weights.shape == (5, 3, 4, 4)
    lone = nn.Sequential(nn.Flatten(), nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2))
    table = trace(lone, (1, 2, 2))
    matrix = kernels_of(lone, table, "3")
    assert matrix.form == "matrix" and matrix.weights.shape == (1, 1, 2, 3)


def test_layers_without_kernels_are_named() -> None:
    network = build("lenet5-tanh")
    table = trace(network, (1, 28, 28))
    with pytest.raises(UsageError, match=r"act1 \(tanh\) has no kernels; .*conv1"):
        kernels_of(network, table, "features.act1")
    with pytest.raises(UnknownName, match="features.conv1"):
        kernels_of(network, table, "features.conv")
