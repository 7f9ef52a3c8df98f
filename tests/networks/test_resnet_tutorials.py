"""The tutorials' residual networks: printed shapes, parameters, errors."""

import pytest
import torch
from torch import nn
from torch.nn import functional

from convatlas.errors import InputSizeError
from convatlas.networks import build
from convatlas.networks.resnet_tutorials import PlainResidual, biased_block


def shapes(name: str, input: tuple[int, int, int]) -> list[tuple[int, ...]]:
    with torch.device("meta"):
        network = build(name)
        maps = torch.empty(1, *input)
        seen = []
        for part in (network.features, network.head):
            for module in part.children():
                maps = module(maps)
                seen.append(tuple(maps.shape[1:]))
    return seen


def test_mini_as_tutorial_003_prints_it() -> None:
    assert shapes("resnet-mini", (1, 28, 28)) == [
        (16, 24, 24),
        (16, 24, 24),
        (16, 12, 12),
        (16, 12, 12),
        (32, 8, 8),
        (32, 8, 8),
        (32, 4, 4),
        (32, 4, 4),
        (512,),
        (10,),
    ]


def test_mini_has_no_norm() -> None:
    with torch.device("meta"):
        network = build("resnet-mini")
    assert not [m for m in network.modules() if isinstance(m, nn.BatchNorm2d)]


def test_plain_residual_is_its_formula() -> None:
    block = PlainResidual(4)
    images = torch.randn(2, 4, 5, 6)
    inner = block.conv2(functional.relu(block.conv1(images)))
    assert torch.allclose(block(images), functional.relu(images + inner))


def test_mini_derives_the_dense_layer() -> None:
    with torch.device("meta"):
        network = build("resnet-mini", input_size=(32, 36))
        logits = network(torch.empty(2, 1, 32, 36))
    assert logits.shape == (2, 10)


def test_mini_refuses_small_images() -> None:
    with pytest.raises(InputSizeError) as caught:
        build("resnet-mini", input_size=(12, 28))
    assert str(caught.value) == (
        "input 12×28: a map of 4×12 arrives at features.conv2, whose window of 5×5 "
        "does not fit; the input needs at least 16×16"
    )


def test_gray_as_the_book_traces_it() -> None:
    assert shapes("resnet18-gray", (1, 96, 96)) == [
        (64, 24, 24),
        (64, 24, 24),
        (128, 12, 12),
        (256, 6, 6),
        (512, 3, 3),
        (512, 1, 1),
        (512,),
        (10,),
    ]


def test_gray_has_the_parameters_of_the_books_network() -> None:
    with torch.device("meta"):
        network = build("resnet18-gray")
    assert sum(p.numel() for p in network.parameters()) == 11_178_378


def test_gray_shortcut_is_a_bare_convolution_where_the_shape_changes() -> None:
    assert isinstance(biased_block(64, 64, 1).shortcut, nn.Identity)
    shortcut = biased_block(64, 128, 2).shortcut
    assert isinstance(shortcut, nn.Conv2d)
    assert shortcut.bias is not None
