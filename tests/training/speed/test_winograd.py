import copy
from collections.abc import Iterator
from contextlib import nullcontext
from typing import Any

import pytest
import torch
from torch.nn import functional as F

from convatlas.networks import build
from convatlas.training.speed import cutting, winograd
from convatlas.training.speed.kernels import FasterKernels
from convatlas.training.speed.winograd import winograd_convolution

from .gradients import with_gradients

LAST = torch.channels_last
FLOAT64 = {"rtol": 1e-11, "atol": 1e-11}


@pytest.fixture
def whatever_it_costs(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(cutting, "LEAST_GAIN", 0.0)
    cutting.cheapest_cut.cache_clear()
    yield
    cutting.cheapest_cut.cache_clear()


def operands(size, kernel, dtype=torch.float64, bias=True, channels=3) -> list[Any]:
    torch.manual_seed(0)
    images = torch.randn(2, channels, *size, dtype=dtype).to(memory_format=LAST)
    weight = torch.randn(5, channels, kernel, kernel, dtype=dtype)
    values = torch.randn(5, dtype=dtype).requires_grad_() if bias else None
    return [images.requires_grad_(), weight.requires_grad_(), values]


@pytest.mark.usefixtures("whatever_it_costs")
@pytest.mark.parametrize("kernel", [3, 5])
@pytest.mark.parametrize("padding", [0, 1, 2, (2, 1)])
@pytest.mark.parametrize("size", [(12, 12), (5, 7), (6, 13), (8, 5), (4, 32)])
def test_same_values_and_gradients(size, kernel, padding) -> None:
    given = operands(size, kernel, bias=padding != 1)
    try:
        expected = F.conv2d(*given, 1, padding)
    except RuntimeError:  # torch says that the kernel is too large
        assert winograd_convolution(*given, 1, padding) is None
        return
    found = winograd_convolution(*given, 1, padding)
    assert found is not None
    assert found.is_contiguous(memory_format=LAST)
    pairs = zip(
        with_gradients(found, given), with_gradients(expected, given), strict=True
    )
    for one, other in pairs:
        torch.testing.assert_close(one, other, **FLOAT64)


@pytest.mark.usefixtures("whatever_it_costs")
def test_in_parts_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    given = operands((9, 12), 3)
    given[0] = given[0].detach().repeat(5, 1, 1, 1).to(memory_format=LAST)
    given[0].requires_grad_()
    expected = with_gradients(F.conv2d(*given, 1, 1), given)
    monkeypatch.setattr(winograd, "MOST_NUMBERS", 0)
    monkeypatch.setattr(winograd, "PART", 36 * 9 * 5 * 4)  # four pictures
    found = winograd_convolution(*given, 1, 1)
    assert found is not None
    assert len(found.grad_fn.next_functions[0][0].cut[0]) == 3
    for one, other in zip(with_gradients(found, given), expected, strict=True):
        torch.testing.assert_close(one, other, **FLOAT64)


@pytest.mark.usefixtures("whatever_it_costs")
@pytest.mark.parametrize(("kernel", "size"), [(3, (8, 8)), (5, (8, 8)), (3, (2, 4))])
def test_float32_rounds_at_the_sixth_digit(kernel, size) -> None:
    given = operands(size, kernel, torch.float32, channels=256)
    exact = [None if one is None else one.detach().double() for one in given]
    for one in exact:
        one.requires_grad_()
    truth = with_gradients(F.conv2d(*exact, 1, kernel // 2), exact)
    plain = with_gradients(F.conv2d(*given, 1, kernel // 2), given)
    found = winograd_convolution(*given, 1, kernel // 2)
    assert found is not None
    for one, other, right in zip(
        with_gradients(found, given), plain, truth, strict=True
    ):
        error, usual = (
            (v.double() - right).norm() / right.norm() for v in (one, other)
        )
        assert error < max(8e-6, 2 * usual)


@pytest.mark.usefixtures("whatever_it_costs")
@pytest.mark.parametrize(
    ("kernel", "options"),
    [
        (1, {}),
        (2, {"padding": 1}),
        (7, {"padding": 3}),
        (3, {"stride": 2}),
        (3, {"stride": (1, 2)}),
        (3, {"dilation": 2}),
        (3, {"groups": 3}),
        (3, {"padding": "same"}),
        (3, {"padding": 3}),  # a window that sees nothing but zeros
    ],
)
def test_others_are_left_to_torch(kernel, options) -> None:
    images, weight, _ = operands((9, 9), kernel)
    assert winograd_convolution(images, weight, **options) is None


@pytest.mark.usefixtures("whatever_it_costs")
def test_other_layouts_channels_and_numbers_are_left_to_torch() -> None:
    images, weight, _ = operands((9, 9), 3)
    assert winograd_convolution(images, weight) is not None
    assert winograd_convolution(images.contiguous(), weight) is None
    assert winograd_convolution(images, weight[:, :2]) is None
    assert winograd_convolution(images, weight.float()) is None
    assert winograd_convolution(images.bfloat16(), weight.bfloat16()) is None
    with torch.autocast("cpu", torch.bfloat16):
        assert winograd_convolution(images.float(), weight.float()) is None


@pytest.mark.parametrize(
    ("count", "channels", "size", "kernel", "pays"),
    [
        (128, (384, 384), 12, 3, True),
        (128, (96, 256), 26, 5, True),
        (64, (128, 128), 16, 3, True),
        (64, (64, 64), 32, 3, False),  # moving windows takes what is saved
        (128, (3, 64), 224, 3, False),
        (4, (512, 512), 4, 3, False),  # so does moving the weights
    ],
)
def test_it_is_used_where_it_pays(count, channels, size, kernel, pays) -> None:
    with torch.device("meta"):
        images = torch.empty(count, channels[0], size, size).to(memory_format=LAST)
        weight = torch.empty(channels[1], channels[0], kernel, kernel)
        found = winograd_convolution(images, weight, None, 1, kernel // 2)
    assert (found is not None) == pays


@pytest.mark.usefixtures("whatever_it_costs")
def test_only_the_wanted_gradients_are_computed() -> None:
    images, weight, _ = operands((8, 8), 3)
    for wanted in (images, weight):
        fixed = [one if one is wanted else one.detach() for one in (images, weight)]
        found = winograd_convolution(*fixed)
        expected = F.conv2d(*fixed)
        assert found is not None
        torch.testing.assert_close(
            with_gradients(found, [wanted]), with_gradients(expected, [wanted])
        )


@pytest.mark.usefixtures("whatever_it_costs")
def test_a_step_of_resnet18_is_the_plain_step() -> None:
    torch.manual_seed(0)
    first = build("resnet18-gray", input_size=(32, 64)).double()
    first.to(memory_format=LAST)
    images = torch.rand(4, 1, 32, 64, dtype=torch.float64)
    networks = []
    for mode in (nullcontext(), FasterKernels(winograd=True)):
        network = copy.deepcopy(first)
        optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
        with mode:
            network(images.to(memory_format=LAST)).square().mean().backward()
        optimizer.step()
        networks.append(network)
    assert mode.used
    for one, other in zip(*(n.parameters() for n in networks), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-9, atol=1e-9)
