"""The tutorials' DenseNet: shapes, parameters, errors."""

import pytest
import torch

from convatlas.errors import InputSizeError
from convatlas.networks import build


def test_maps_as_the_book_traces_them() -> None:
    with torch.device("meta"):
        network = build("densenet-gray")
        maps = torch.empty(1, 1, 96, 96)
        seen = {}
        for name, module in network.features.named_children():
            maps = module(maps)
            seen[name] = tuple(maps.shape[1:])
    assert seen == {
        "stem": (64, 24, 24),
        "block1": (192, 24, 24),
        "transition1": (96, 12, 12),
        "block2": (224, 12, 12),
        "transition2": (112, 6, 6),
        "block3": (240, 6, 6),
        "transition3": (120, 3, 3),
        "block4": (248, 3, 3),
        "norm": (248, 3, 3),
        "relu": (248, 3, 3),
    }


def test_parameters_are_those_of_the_books_network() -> None:
    with torch.device("meta"):
        network = build("densenet-gray")
    assert sum(p.numel() for p in network.parameters()) == 758_226


def test_small_images_are_refused_by_name() -> None:
    with pytest.raises(InputSizeError, match=r"transition3\.pool.*at least 29×29"):
        build("densenet-gray", input_size=(28, 28))
