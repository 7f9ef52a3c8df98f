import pytest
import torch
from torch import nn

from convatlas.networks import build
from convatlas.recipe import Recipe
from convatlas.training.speed import kernels
from convatlas.training.speed.execution import Execution
from convatlas.training.speed.halving import halving
from convatlas.training.speed.kernels import FasterKernels
from convatlas.training.state import TrainingState
from convatlas.training.step import train_step

from .both_ways import both_ways
from .training_task import examples, network, scaled

NEAR = {"rtol": 1e-5, "atol": 1e-6}


@pytest.mark.parametrize(
    ("module", "shape"),
    [
        (nn.Conv2d(4, 6, 5), (4, 5, 5)),
        (nn.Conv2d(4, 6, (2, 3), bias=False), (4, 2, 3)),
        (nn.Conv2d(4, 6, 5, stride=2), (4, 5, 5)),
        (nn.AvgPool2d(2), (6, 8, 4)),
        (nn.AvgPool2d(2, 2), (32, 2, 2)),
        (nn.AvgPool2d(2, ceil_mode=True), (1, 4, 4)),
    ],
    ids=str,
)
def test_replacements_give_the_same_and_are_used(module, shape, monkeypatch) -> None:
    torch.manual_seed(0)
    images = torch.randn(3, *shape)
    expected = both_ways(module, images)
    used = []
    for operator, faster in list(kernels.EXACT.items()):

        def noted(*args, faster=faster):
            result = faster(*args)
            used.append(result is not None)
            return result

        monkeypatch.setitem(kernels.EXACT, operator, noted)
    with FasterKernels() as mode:
        found = both_ways(module, images)
    assert used == [True] and mode.used
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, **NEAR)


@pytest.mark.parametrize(
    ("module", "shape"),
    [
        (nn.Conv2d(4, 6, 3), (4, 5, 5)),
        (nn.Conv2d(4, 6, 3, padding=1), (4, 3, 3)),
        (nn.Conv2d(4, 6, 3, padding="same"), (4, 3, 3)),
        (nn.Conv2d(4, 8, 5, groups=2), (4, 5, 5)),
        (nn.Conv2d(4, 6, 1), (4, 1, 1)),
        (nn.AvgPool2d(2), (6, 5, 4)),
        (nn.AvgPool2d(3, 2), (6, 7, 7)),
        (nn.AvgPool2d(2, 1), (6, 4, 4)),
        (nn.AvgPool2d(2, padding=1), (6, 4, 4)),
        (nn.AvgPool2d(2, divisor_override=3), (6, 4, 4)),
        (nn.AvgPool2d(2), (48, 4, 4)),
    ],
    ids=str,
)
def test_what_does_not_fit_runs_as_it_is(module: nn.Module, shape) -> None:
    images = torch.randn(3, *shape)
    plain = both_ways(module, images)
    with FasterKernels() as mode:
        same = both_ways(module, images)
    assert not mode.used
    assert all(map(torch.equal, plain, same))


def test_other_layouts_and_precisions_run_as_they_are() -> None:
    pictures = torch.randn(2, 4, 6, 6)
    last = pictures.to(memory_format=torch.channels_last)
    assert halving(last, 2) is not None
    assert halving(pictures, 2) is None and halving(last.double(), 2) is None


def test_autocast_does_not_round_what_torch_does_not() -> None:
    images = torch.randn(2, 4, 6, 6).to(memory_format=torch.channels_last)
    with torch.autocast("cpu", torch.bfloat16), FasterKernels():
        pooled = nn.AvgPool2d(2)(images)
    assert torch.equal(pooled, nn.AvgPool2d(2)(images))


@pytest.mark.parametrize(
    "name", ["lenet5-tanh", "lenet5-sigmoid", "resnet-mini", "googlenet-mini"]
)
@pytest.mark.usefixtures("small_maps_count")
def test_whole_networks_give_the_same(name: str) -> None:
    torch.manual_seed(0)
    network = build(name).to(memory_format=torch.channels_last).eval()
    images = torch.randn(4, 1, 28, 28)
    plain = both_ways(network, images)
    kernels = FasterKernels()
    for _ in range(2):
        with kernels:
            faster = both_ways(network, images)
        for one, other in zip(faster, plain, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_a_frozen_or_evaluated_network_works_too() -> None:
    network = nn.Sequential(nn.AvgPool2d(2), nn.Conv2d(2, 3, 2)).requires_grad_(False)
    images = torch.randn(1, 2, 4, 4).to(memory_format=torch.channels_last)
    with FasterKernels(), torch.inference_mode():
        first = network(images)
    with FasterKernels():
        torch.testing.assert_close(network(images), first.clone(), **NEAR)


def test_a_network_that_none_fits_is_asked_once(monkeypatch) -> None:
    entered = []
    enter = FasterKernels.__enter__
    monkeypatch.setattr(
        FasterKernels, "__enter__", lambda self: entered.append(1) or enter(self)
    )
    plain = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Flatten(), nn.Linear(2 * 6 * 6, 3))
    for trained, times in ((plain, 1), (network(), 3)):
        entered.clear()
        way = Execution(kernels=True)
        state = TrainingState.fresh(trained, Recipe(), 0, execution=way)
        for _ in range(3):
            train_step(state, examples(), torch.arange(8), 0.1, scaled, None)
        assert len(entered) == times
