"""What a first pass teaches is used in the next ones, and changes nothing."""

import weakref
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torch.utils._python_dispatch import TorchDispatchMode

from convatlas.networks import build
from convatlas.training.speed.kernels import FasterKernels

from .both_ways import both_ways


class Executed(TorchDispatchMode):
    """Notes the operators that are carried out, with the sizes they are given."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: dict[str, list[torch.Size]] = {}

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        if isinstance(args[0], Tensor):
            name = func.overloadpacket.__name__
            self.sizes.setdefault(name, []).append(args[0].shape)
        return func(*args, **(kwargs or {}))


class Written(nn.Module):
    """A network of one function."""

    def __init__(self, function: Callable[..., Tensor], *modules: nn.Module) -> None:
        super().__init__()
        self.function, self.inner = function, nn.ModuleList(modules)

    def forward(self, images: Tensor) -> Tensor:
        return self.function(images, *self.inner)


def second_pass(module: nn.Module, images: Tensor) -> tuple[list[Tensor], Executed]:
    """Of a module whose first one was watched."""
    kernels = FasterKernels()
    with kernels:
        both_ways(module, images)
    assert kernels.used
    with kernels, Executed() as executed:
        return both_ways(module, images), executed


@pytest.mark.parametrize(
    "module",
    [
        nn.Sequential(nn.ReLU(), nn.MaxPool2d(2)),
        nn.Sequential(nn.ReLU(), nn.MaxPool2d(3, 2, padding=1, ceil_mode=True)),
        nn.Sequential(nn.ReLU(), nn.MaxPool2d(2), nn.ReLU(), nn.MaxPool2d(2)),
    ],
    ids=str,
)
@pytest.mark.usefixtures("small_maps_count")
def test_a_maximum_is_pooled_before_it_is_rectified(module: nn.Module) -> None:
    torch.manual_seed(0)
    images = torch.randn(2, 40, 13, 12)
    images[0] = images[0].round()  # equal ones in a window, and windows without any > 0
    expected = both_ways(module, images)
    found, executed = second_pass(module, images)
    assert images.shape not in executed.sizes["relu"]
    assert all(map(torch.equal, found, expected))


@pytest.mark.parametrize(
    "module",
    [
        nn.Sequential(nn.ReLU(), nn.MaxPool2d(3, 1, padding=1)),
        nn.Sequential(nn.Conv2d(40, 8, 1), nn.ReLU(inplace=True), nn.MaxPool2d(2)),
        nn.Sequential(nn.ReLU(), nn.Dropout(0.0), nn.MaxPool2d(2)),
        nn.Sequential(nn.ReLU(), nn.Identity(), nn.AvgPool2d(3)),
        Written(lambda x: F.max_pool2d(r := F.relu(x), 2).sum() + r),
        Written(lambda x: F.max_pool2d(F.relu(x), 2, return_indices=True)[0]),
        nn.Sequential(nn.Conv2d(40, 80, 1), nn.Conv2d(80, 4, 3)),
    ],
    ids=str,
)
@pytest.mark.usefixtures("small_maps_count")
def test_what_only_looks_like_it_stays(module: nn.Module) -> None:
    torch.manual_seed(0)
    images = torch.randn(2, 40, 12, 12)
    expected = both_ways(module, images * 1)
    kernels = FasterKernels()
    for _ in range(2):
        with kernels:
            found = both_ways(module, images * 1)
        assert all(map(torch.equal, found, expected))
    assert not kernels.used


def stacking(
    *, wide: int = 6, kernel: int = 1, padding: int = 0, biases: bool = True
) -> Written:
    """Three maps beside each other, two of them 1×1 convolutions, for a 3×3 one."""
    return Written(
        lambda x, one, other, whole, last: last(
            torch.cat([one(x), whole(x), other(x)], dim=1)
        ),
        nn.Conv2d(4, wide, kernel, padding=kernel // 2, bias=biases),
        nn.Conv2d(4, 5, kernel, padding=kernel // 2),
        nn.Conv2d(4, 3, 3, padding=1),
        nn.Conv2d(wide + 8, 7, 3, 2, padding=padding, bias=biases),
    )


@pytest.mark.parametrize("biases", [True, False])
@pytest.mark.usefixtures("small_maps_count")
def test_stacked_1x1_convolutions_become_one_with_the_next(biases: bool) -> None:
    torch.manual_seed(0)
    module = stacking(biases=biases).double()
    images = torch.randn(2, 4, 9, 8, dtype=torch.float64)
    expected = both_ways(module, images)
    found, executed = second_pass(module, images)
    assert executed.sizes["convolution"] == [(2, 4, 9, 8), (2, 3 + 4, 9, 8)]
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "module",
    [
        stacking(kernel=3),
        stacking(padding=1),
        Written(
            lambda x, one, last: last(torch.cat([one(x), x], 1)) + one(x).mean(),
            nn.Conv2d(4, 3, 1),
            nn.Conv2d(7, 2, 3),
        ),
        Written(
            lambda x, one, last: last(torch.cat([h := one(x), x], 1)) + h.mean(),
            nn.Conv2d(4, 9, 1),
            nn.Conv2d(13, 2, 3),
        ),
        Written(
            lambda x, one, last: last(s := torch.cat([one(x), x], 1)) + s.mean(),
            nn.Conv2d(4, 9, 1),
            nn.Conv2d(13, 2, 3),
        ),
        Written(
            lambda x, one, last: last(torch.cat([one(x), one(x)], 2)),
            nn.Conv2d(4, 9, 1),
            nn.Conv2d(9, 2, 3),
        ),
    ],
    ids=["3x3", "padded", "fewer", "used", "stack used", "another axis"],
)
@pytest.mark.usefixtures("small_maps_count")
def test_other_stacks_stay(module: nn.Module) -> None:
    images = torch.randn(2, 4, 9, 8)
    kernels = FasterKernels()
    for _ in range(2):
        with kernels:
            module(images)
    assert not kernels.used


@pytest.mark.usefixtures("small_maps_count")
def test_autocast_would_round_what_is_composed() -> None:
    module, images = stacking(), torch.randn(2, 4, 9, 8)
    kernels = FasterKernels()
    with torch.autocast("cpu", torch.bfloat16), kernels:
        module(images)
    assert not kernels.used


@pytest.mark.usefixtures("small_maps_count")
def test_a_network_that_does_something_else_the_next_time_is_right_too() -> None:
    torch.manual_seed(0)
    turns: list[str] = []

    def function(x: Tensor, one: nn.Module, last: nn.Module) -> Tensor:
        turn, pointwise = turns[-1], one(x)
        if turn == "rectified":
            return torch.relu(pointwise)
        stack = torch.cat([pointwise, x], 1)
        rectified = torch.relu(last(stack))
        if turn == "not pooled":
            return rectified * 2
        pooled = F.max_pool2d(rectified, 2)
        others = {"used": pointwise, "stack used": stack, "map used": rectified}
        return pooled + others[turn].mean() if turn in others else pooled

    module = Written(function, nn.Conv2d(4, 9, 1), nn.Conv2d(13, 2, 3))
    images = torch.randn(2, 4, 9, 8)
    kernels = FasterKernels()
    turns.append("usual")
    with kernels:
        both_ways(module, images)
    assert kernels.used
    for turn in ("used", "stack used", "map used", "not pooled", "rectified", "usual"):
        turns.append(turn)
        expected = both_ways(module, images, allow_unused=True)
        with kernels:
            found = both_ways(module, images, allow_unused=True)
        for one, other in zip(found, expected, strict=True):
            torch.testing.assert_close(one, other)


@pytest.mark.usefixtures("small_maps_count")
def test_a_map_that_changes_in_place_is_no_silent_error() -> None:
    changes = [False]

    def function(x: Tensor, one: nn.Module, last: nn.Module) -> Tensor:
        x = x * 1
        pointwise = one(x)
        if changes[-1]:
            x.add_(1)
        return last(torch.cat([pointwise, x], 1))

    module = Written(function, nn.Conv2d(4, 9, 1), nn.Conv2d(13, 2, 3))
    images = torch.randn(2, 4, 9, 8)
    kernels = FasterKernels()
    for change in (False, True):
        changes.append(change)
        expected = module(images)
        if change:
            with kernels, pytest.raises(RuntimeError, match="in place.*--kernels off"):
                module(images)
        else:
            for _ in range(2):
                with kernels:
                    torch.testing.assert_close(module(images), expected)


def convolved(name: str, *size: int) -> list[int]:
    """The channels that each convolution of a network's second pass is given."""
    network = build(name).to(memory_format=torch.channels_last)
    images = torch.randn(16, *size)
    kernels = FasterKernels()
    with torch.no_grad():
        for _ in range(2):
            with kernels, Executed() as executed:
                network(images)
    assert kernels.used
    return [size[1] for size in executed.sizes["convolution"]]


def test_the_second_convolution_of_googlenet_mini_is_given_58_channels() -> None:
    channels = convolved("googlenet-mini", 1, 28, 28)
    assert 58 in channels and 88 not in channels


def test_watching_keeps_no_feature_maps() -> None:
    maps: list[weakref.ref[Tensor]] = []

    def function(images: Tensor, one: nn.Module) -> Tensor:
        first = torch.relu(one(images))
        maps.append(weakref.ref(first))
        second = F.max_pool2d(first, 2)
        del first
        assert maps[-1]() is None
        return second * 2

    module = Written(function, nn.Conv2d(4, 3, 1))
    with torch.no_grad(), FasterKernels():
        module(torch.randn(2, 4, 8, 8))
    assert len(maps) == 1
