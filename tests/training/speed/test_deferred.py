import pytest
import torch
from torch import Tensor

from convatlas.training.speed.deferred import Deferred, Outline, computed


def deferred(func, *args: Tensor, **kwargs) -> tuple[Deferred, list[int]]:
    """A result that is put off, and how often it was computed so far."""
    times: list[int] = []

    def counted(*args, **kwargs):
        times.append(1)
        return func(*args, **kwargs)

    outline = Outline.of(counted, func(*args, **kwargs))
    return Deferred(outline, args, kwargs), times


def test_it_is_computed_once_and_for_whatever_is_done_with_it() -> None:
    images = torch.randn(2, 3)
    result, times = deferred(torch.clamp, images, min=0.5)
    assert not times
    expected = images.clamp(min=0.5)
    for found, wanted in (
        (result + 1, expected + 1),
        (1 - result, 1 - expected),
        (result[0], expected[0]),
        (torch.cat([images, result]), torch.cat([images, expected])),
        (torch.add(images, other=result), images + expected),
        (result.sum(dim=0), expected.sum(dim=0)),
    ):
        assert type(found) is Tensor and torch.equal(found, wanted)
    assert result.shape == expected.shape and result.tolist() == expected.tolist()
    assert times == [1]
    assert computed(images) is images and computed((result, 3))[1] == 3


def test_gradients_pass_where_they_were_wanted() -> None:
    images = torch.randn(2, 3, requires_grad=True)
    result, _ = deferred(torch.square, images)
    with torch.no_grad():
        result.mean()  # a first look without gradients
    result.sum().backward()
    assert torch.equal(images.grad, 2 * images)
    with torch.no_grad():
        result, _ = deferred(torch.square, images)
    assert not result.value().requires_grad
    with torch.inference_mode():
        result, _ = deferred(torch.square, torch.ones(2))
        assert result.tolist() == [1, 1]


def test_what_changed_meanwhile_is_no_silent_error() -> None:
    images = torch.randn(2, 3)
    result, _ = deferred(torch.square, images)
    images.add_(1)
    with pytest.raises(RuntimeError, match="changed in place.*--kernels off"):
        result.sum()


def test_what_torch_takes_without_asking_is_no_silent_error() -> None:
    class Doubled(torch.autograd.Function):
        @staticmethod
        def forward(ctx, images: Tensor) -> Tensor:
            return images * 2

        @staticmethod
        def backward(ctx, gradient: Tensor) -> Tensor:
            return gradient * 2

    result, _ = deferred(torch.square, torch.randn(2, 3, requires_grad=True))
    doubled = Doubled.apply(result)
    with pytest.raises(RuntimeError, match="autograd's own.*--kernels off"):
        doubled.sum().backward()
    with (
        torch._C.DisableTorchFunctionSubclass(),
        pytest.raises(RuntimeError, match="aten.*--kernels off"),
    ):
        result.sum()
