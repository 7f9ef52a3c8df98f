"""The tutorials' GoogLeNets: printed shapes, formulas, errors."""

import pytest
import torch
from torch import nn

from convatlas.errors import InputSizeError
from convatlas.networks import build
from convatlas.networks.googlenet_tutorials import mini_inception, mini_inception_pool


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


def test_gray_as_tutorial_001_prints_it() -> None:
    printed = [
        (64, 24, 24),
        (192, 12, 12),
        (480, 6, 6),
        (832, 3, 3),
        (1024, 1, 1),
        (1024,),
        (10,),
    ]
    seen = shapes("googlenet-gray", (1, 96, 96))
    assert seen[4] == (1024, 3, 3)  # the tutorial pools within its last part
    assert seen[:4] + seen[5:] == printed


def test_gray_has_no_activation_in_its_second_part() -> None:
    with torch.device("meta"):
        part = build("googlenet-gray").get_submodule("features.b2")
    assert not [m for m in part.modules() if isinstance(m, nn.ReLU)]


def test_mini_as_tutorial_003_prints_it() -> None:
    assert shapes("googlenet-mini", (1, 28, 28)) == [
        (10, 24, 24),
        (10, 24, 24),
        (10, 12, 12),
        (88, 12, 12),
        (20, 8, 8),
        (20, 8, 8),
        (20, 4, 4),
        (88, 4, 4),
        (1408,),
        (10,),
    ]


def test_mini_pool_of_tutorial_002() -> None:
    seen = shapes("googlenet-mini-pool", (1, 28, 28))
    assert [seen[i] for i in (0, 1, 3, 4, 5, 7, 8, 9)] == [
        (10, 24, 24),
        (10, 12, 12),
        (88, 12, 12),
        (20, 8, 8),
        (20, 4, 4),
        (88, 4, 4),
        (1408,),
        (10,),
    ]


def test_mini_inception_has_no_pooling_and_no_activation() -> None:
    kinds = {type(m) for m in mini_inception(10).modules() if not list(m.children())}
    assert nn.Conv2d in kinds
    assert not kinds & {nn.AvgPool2d, nn.MaxPool2d, nn.ReLU}


def test_mini_inception_pool_averages_before_its_last_branch() -> None:
    block = mini_inception_pool(10)
    images = torch.randn(2, 10, 6, 6)
    conv = block.get_submodule("branch_pool.unit2")
    averaged = nn.functional.avg_pool2d(images, 3, stride=1, padding=1)
    assert torch.allclose(block(images)[:, 64:], conv(averaged))


@pytest.mark.parametrize("name", ["googlenet-mini", "googlenet-mini-pool"])
def test_mini_refuses_small_images(name: str) -> None:
    with pytest.raises(InputSizeError, match=r"pool2.*needs at least 16×16"):
        build(name, input_size=(14, 28))
