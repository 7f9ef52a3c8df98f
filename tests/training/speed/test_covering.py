import copy
from contextlib import nullcontext
from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from convatlas.networks import build
from convatlas.recipe import Recipe
from convatlas.training.examples import Examples
from convatlas.training.gradients import Gradients
from convatlas.training.speed.covering import FEWEST_PICTURES, covering_convolution
from convatlas.training.speed.execution import Execution
from convatlas.training.speed.kernels import FasterKernels
from convatlas.training.state import TrainingState

from .gradients import with_gradients

LAST = torch.channels_last
MANY = 36  # pictures; enough for nine places


def operands(size, kernel, count=MANY, dtype=torch.float64, bias=True) -> list[Any]:
    torch.manual_seed(0)
    images = torch.randn(count, 3, *size, dtype=dtype).to(memory_format=LAST)
    weight = torch.randn(5, 3, *kernel, dtype=dtype)
    values = torch.randn(5, dtype=dtype).requires_grad_() if bias else None
    return [images.requires_grad_(), weight.requires_grad_(), values]


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize(
    ("size", "kernel", "stride", "padding", "places"),
    [
        ((1, 1), (3, 3), 1, 1, 1),
        ((2, 2), (3, 3), 1, 1, 4),
        ((2, 2), (3, 3), (2, 2), (1, 1), 1),
        ((1, 2), (3, 3), 1, 1, 2),
        ((2, 1), (3, 3), (1, 2), 1, 2),
        ((3, 3), (5, 5), 1, 2, 9),
        ((2, 2), (5, 5), 2, 2, 1),
        ((3, 3), (5, 5), (1, 2), 2, 6),
        ((1, 3), (3, 5), 1, (1, 2), 3),
        ((1, 1), (1, 7), 1, (0, 3), 1),
        ((2, 2), (4, 4), 1, 1, 1),
        ((2, 3), (2, 3), 1, 0, 1),
        ((1, 1), (3, 3), 1, 2, 9),
    ],
)
def test_same_values_and_gradients(size, kernel, stride, padding, places, bias) -> None:
    given = operands(size, kernel, bias=bias)
    expected = F.conv2d(*given, stride, padding)
    assert expected.shape[2:].numel() == places
    found = covering_convolution(*given, stride, padding)
    assert found is not None
    assert found.is_contiguous(memory_format=LAST)
    pairs = zip(
        with_gradients(found, given), with_gradients(expected, given), strict=True
    )
    for one, other in pairs:
        torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("size", "kernel", "options"),
    [
        ((3, 3), (3, 3), {"padding": 1}),  # corners of the map are left out
        ((4, 4), (3, 3), {"padding": 1, "stride": 2}),
        ((1, 2), (3, 1), {"padding": (1, 0)}),
        ((1, 1), (1, 1), {}),
        ((4, 4), (7, 7), {"padding": 3}),  # sixteen places
        ((2, 2), (3, 3), {"padding": 1, "groups": 3}),
        ((1, 1), (3, 3), {"padding": 2, "dilation": 2}),
        ((2, 2), (3, 3), {"padding": "same"}),
        ((1, 1), (3, 3), {}),  # torch says that the kernel is too large
    ],
)
def test_others_are_left_to_torch(size, kernel, options) -> None:
    images, weight, _ = operands(size, kernel)
    assert covering_convolution(images, weight, **options) is None


def test_wrong_channels_are_left_to_torch() -> None:
    images, weight, bias = operands((2, 2), (3, 3))
    assert covering_convolution(images, weight[:, :2], bias, 1, 1) is None


def test_other_layouts_are_left_to_torch() -> None:
    images, weight, bias = operands((2, 2), (3, 3))
    assert covering_convolution(images.contiguous(), weight, bias, 1, 1) is None


def test_few_pictures_do_not_repay_the_copies() -> None:
    enough = 4 * FEWEST_PICTURES
    for count, fits in ((enough, True), (enough - 1, False)):
        given = operands((2, 2), (3, 3), count)
        assert (covering_convolution(*given, 1, 1) is not None) == fits
    whole = operands((3, 3), (3, 3), 1)  # copies nothing
    assert covering_convolution(*whole) is not None


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_autocast_as_torch_does_it(dtype: torch.dtype) -> None:
    images, weight, bias = operands((2, 2), (3, 3), dtype=torch.float32)
    images = images.detach().to(dtype).requires_grad_()
    given = [images, weight, bias]
    with torch.autocast("cpu", torch.bfloat16):
        expected = F.conv2d(*given, 1, 1)
        found = covering_convolution(*given, 1, 1)
    assert found is not None and found.dtype == expected.dtype == torch.bfloat16
    pairs = zip(
        with_gradients(found.float(), given),
        with_gradients(expected.float(), given),
        strict=True,
    )
    for one, other in pairs:
        assert one.dtype == other.dtype
        error = (one - other).float().norm() / other.float().norm()
        assert error < 0.02


def test_second_derivatives_are_right() -> None:
    images, weight, bias = operands((2, 2), (3, 3), 16)
    images, weight = images[:, :1].detach(), weight[:1, :1].detach().requires_grad_()
    images = images.contiguous(memory_format=LAST)

    def squares(weight: torch.Tensor) -> torch.Tensor:
        found = covering_convolution(images, weight, bias[:1], 1, 1)
        assert found is not None
        return found.square().sum()

    assert torch.autograd.gradgradcheck(squares, (weight,))


def test_a_step_of_resnet18_is_the_plain_step() -> None:
    torch.manual_seed(0)
    first = build("resnet18-gray", input_size=(32, 32)).double()
    first.to(memory_format=LAST)
    images = torch.rand(16, 1, 32, 32, dtype=torch.float64)
    networks = []
    for mode in (nullcontext(), FasterKernels()):
        network = copy.deepcopy(first)
        optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
        with mode:
            # train_step's own loss is float32, which rounds more than the kernels do
            loss = F.cross_entropy(network(images), torch.arange(16) % 10)
        loss.backward()
        optimizer.step()
        networks.append(network.state_dict())
    assert isinstance(mode, FasterKernels) and mode.used
    plain, faster = networks
    assert list(plain) == list(faster) == list(first.state_dict())
    for name, value in plain.items():
        torch.testing.assert_close(faster[name], value, rtol=1e-9, atol=1e-9)
    changed = [not torch.equal(plain[n], v) for n, v in first.state_dict().items()]
    assert all(changed)


def test_resnet18_at_32_pixels_uses_it(monkeypatch) -> None:
    calls = []
    linear = F.linear
    monkeypatch.setattr(F, "linear", lambda *given: calls.append(1) or linear(*given))
    network = build("resnet18-gray", input_size=(32, 32)).to(memory_format=LAST)
    with FasterKernels() as mode, torch.inference_mode():
        network(torch.randn(16, 1, 32, 32))
    assert mode.used and len(calls) > 1


def test_a_small_last_batch_does_not_turn_it_off() -> None:
    convolution = nn.Conv2d(1, 2, 3, 1, 1).to(memory_format=LAST)
    network = nn.Sequential(convolution, nn.Flatten(), nn.Linear(8, 3))
    state = TrainingState.fresh(network, Recipe(), 0, execution=Execution(kernels=True))
    gradients = state.gradients
    assert isinstance(gradients, Gradients)
    for count in (16, 2, 16):
        images = torch.randn(count, 1, 2, 2).to(memory_format=LAST)
        batch = Examples(images, torch.zeros(count, dtype=torch.long), 3)
        gradients.add(images, batch, 1.0, None)
    kernels = gradients._passes._kernels
    assert {shape[0]: one is not None for (_, shape), one in kernels.items()} == {
        16: True,
        2: False,
    }
