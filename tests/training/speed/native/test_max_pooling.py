from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from convatlas.networks import build
from convatlas.training.speed.kernels import FasterKernels
from convatlas.training.speed.native.building import compiler
from convatlas.training.speed.native.max_pooling import max_pooling, why_not

from ..both_ways import both_ways

pytestmark = pytest.mark.skipif(compiler() is None, reason="needs g++ on Linux")


def maps(*size: int, dtype: torch.dtype = torch.float32) -> torch.Tensor:
    """Many of whose neighbours are equal."""
    values = torch.randn(size, generator=torch.Generator().manual_seed(0))
    values = (values * 2).round() / 2
    return values.to(dtype).contiguous(memory_format=torch.channels_last)


def gradient(function, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    images = images.clone(memory_format=torch.preserve_format).requires_grad_()
    pooled = function(images)
    towards = torch.linspace(-1, 1, pooled.numel()).reshape(pooled.shape)
    (found,) = torch.autograd.grad(pooled, images, towards.to(pooled.dtype))
    return pooled, found


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16], ids=str)
@pytest.mark.parametrize("rectified", [False, True])
@pytest.mark.parametrize(
    ("size", "pooling"),
    [
        ((2, 16, 8, 8), (2, 2, 0)),
        ((3, 29, 7, 9), (2, 2, 0)),
        ((3, 5, 7, 7), (2, 1, 0)),
        ((2, 3, 6, 5), (2, 2, 1)),
        ((2, 33, 9, 7), (3, 2, 0)),
        ((2, 31, 8, 8), (3, 2, 1)),
        ((2, 18, 5, 6), (3, 1, 1)),
        ((1, 1, 3, 3), (3, 2, 1)),
        ((9, 24, 24, 24), (2, 2, 0)),  # large enough for several threads
        ((9, 24, 23, 25), (3, 2, 1)),
    ],
    ids=str,
)
def test_it_is_torch_s_bit_for_bit(size, pooling, rectified: bool, dtype) -> None:
    images = maps(*size, dtype=dtype)

    def by_torch(images: torch.Tensor) -> torch.Tensor:
        pooled = F.max_pool2d(images, *pooling)
        return torch.relu(pooled) if rectified else pooled

    def native(images: torch.Tensor) -> torch.Tensor:
        found = max_pooling(images, *pooling, rectified=rectified)
        assert found is not None
        return found

    for one, other in zip(
        gradient(native, images), gradient(by_torch, images), strict=True
    ):
        assert torch.equal(one, other)
        assert one.is_contiguous(memory_format=torch.channels_last)


@pytest.mark.parametrize("rectified", [False, True])
def test_nan_stays(rectified: bool) -> None:
    images = maps(1, 20, 4, 4)
    images[0, 3, 1, 2] = float("nan")
    plain = F.max_pool2d(images, 2)
    plain = torch.relu(plain) if rectified else plain
    found = max_pooling(images, 2, rectified=rectified)
    torch.testing.assert_close(found, plain, rtol=0, atol=0, equal_nan=True)
    assert plain.isnan().sum() == 1


def test_a_gradient_in_another_layout_is_taken_too() -> None:
    images = maps(2, 4, 6, 6).requires_grad_()
    for one in (max_pooling(images, 2), F.max_pool2d(images, 2)):
        towards = torch.arange(one.numel()).reshape(one.shape).float()  # N C H W
        one.backward(towards.contiguous())
    assert torch.equal(images.grad, 2 * gradient_of_torch(images, towards))


def gradient_of_torch(images: torch.Tensor, towards: torch.Tensor) -> torch.Tensor:
    again = images.detach().requires_grad_()
    return torch.autograd.grad(F.max_pool2d(again, 2), again, towards)[0]


def test_what_does_not_fit_is_left_to_torch() -> None:
    images = maps(2, 4, 8, 8)
    assert max_pooling(images, (2, 2), (2, 2), (0, 0), (1, 1)) is not None
    assert max_pooling(images, (2, 3)) is None
    assert max_pooling(images, 2, (2, 1)) is None
    assert max_pooling(images, 4) is None
    assert max_pooling(images, 3, 3) is None
    assert max_pooling(images, 2, dilation=2) is None
    assert max_pooling(images, 2, ceil_mode=True) is None
    assert max_pooling(images, 2, return_indices=True) is None
    assert max_pooling(images.double(), 2) is None
    assert max_pooling(images.contiguous(), 2) is None
    assert max_pooling(images[0], 2) is None
    assert max_pooling(images, 2, padding=2) is None  # windows beyond the map
    assert max_pooling(images, 2, padding=-1) is None
    assert max_pooling(images, 2, 0) is None
    assert max_pooling(images[:, :, :1, :1], 2) is None
    assert max_pooling(images[:0], 2) is None


@pytest.mark.parametrize("name", ["resnet-mini", "googlenet-mini", "mnist-cnn"])
@pytest.mark.parametrize("exact", [False, True], ids=["alone", "with the others"])
@pytest.mark.usefixtures("small_maps_count")
def test_whole_networks_use_it_and_give_the_same(
    name: str, exact: bool, monkeypatch
) -> None:
    from convatlas.training.speed import kernels

    torch.manual_seed(0)
    network = build(name).to(memory_format=torch.channels_last).eval()
    images = torch.randn(4, 1, 28, 28)
    plain = both_ways(network, images)
    assert why_not(network, (torch.float32,)) is None
    used = []

    def noted(*args, **kwargs):
        found = max_pooling(*args, **kwargs)
        used.append((found is not None, kwargs.get("rectified", False)))
        return found

    monkeypatch.setattr(kernels, "max_pooling", noted)
    faster = FasterKernels(exact=exact, native=True)
    for _ in range(2):
        with faster:
            found = both_ways(network, images)
        for one, other in zip(found, plain, strict=True):
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)
    assert faster.used and all(fits for fits, _ in used)
    rectified = any(rectified for _, rectified in used)
    assert rectified == (exact and name != "mnist-cnn")


def test_its_threads_are_torch_s() -> None:
    assert max_pooling(maps(1, 4, 4, 4), 2) is not None
    mapped = Path("/proc/self/maps").read_text().splitlines()
    assert len({line.split()[-1] for line in mapped if "libgomp" in line}) == 1


def test_a_wrong_padding_is_torch_s_error() -> None:
    pooling = nn.MaxPool2d(2, padding=2)
    with FasterKernels(native=True), pytest.raises(RuntimeError, match="pad"):
        pooling(maps(2, 4, 8, 8))


def test_under_inference_mode() -> None:
    images = maps(2, 4, 8, 8)
    with torch.inference_mode():
        found = max_pooling(images, 2)
    assert torch.equal(found, F.max_pool2d(images, 2))


def test_a_network_without_poolings_needs_nothing(monkeypatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")
    for pooling in (nn.AvgPool2d(2), nn.MaxPool2d(5)):
        why = why_not(nn.Sequential(nn.Conv2d(1, 2, 3), pooling), (torch.float32,))
        assert why == "the network has no max pooling that it is made for"
