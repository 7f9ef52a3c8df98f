"""The small network of tutorial 002."""

import pytest
import torch

from convatlas.errors import InputSizeError
from convatlas.networks import build


def test_shapes_of_the_tutorial() -> None:
    network = build("mnist-cnn")
    images = torch.zeros(1, 1, 28, 28)
    found = []
    for layer in (*network.features, *network.head):
        images = layer(images)
        found.append(tuple(images.shape[1:]))
    assert found == [
        *((10, 24, 24), (10, 12, 12), (10, 12, 12)),
        *((20, 8, 8), (20, 4, 4), (20, 4, 4)),
        *((320,), (10,)),
    ]
    assert sum(p.numel() for p in network.parameters()) == 8_490


def test_too_small() -> None:
    with pytest.raises(InputSizeError, match="at features.pool2, .* at least 16×16$"):
        build("mnist-cnn", input_size=(15, 28))
