"""How long each layer takes on this machine, and how well it uses it."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Any

import torch
from torch import Tensor, nn

from convatlas.anatomy.meta import tensors_in
from convatlas.anatomy.tracing import ATOMS
from convatlas.anatomy.undisturbed import undisturbed

FEWEST, MOST = 3, 30  # repetitions of a layer
ENOUGH_SECONDS = 0.15  # spent on repetitions of a layer, each way
MATRIX = 2048  # side of the large matrix product


@dataclass(frozen=True)
class LayerTime:
    """One call of one leaf module.

    Attributes:
        name: of the row.
        call: of the row.
        forward: seconds for a batch, median of warm runs.
        backward: the same: gradients of weights, and of the input but for the first.
    """

    name: str
    call: int
    forward: float
    backward: float


@dataclass(frozen=True)
class Timing:
    """All layers, and what the machine can do at best.

    Attributes:
        batch: pictures per run.
        threads: of the computation.
        peak: multiply-accumulates per second in a large matrix product.
        layers: one per leaf module, in the order of the calls; what functions outside
            any leaf module take is not in it.
        forward: seconds of the whole forward, nothing between the layers left out.
    """

    batch: int
    threads: int
    peak: float
    layers: tuple[LayerTime, ...]
    forward: float

    def of(self, name: str, call: int = 1) -> LayerTime | None:
        """The layer of that name, if it was timed."""
        for layer in self.layers:
            if (layer.name, layer.call) == (name, call):
                return layer
        return None


def time_layers(
    network: nn.Module,
    input: tuple[int, ...],
    batch: int = 16,
    threads: int | None = None,
) -> Timing:
    """Measures every leaf module as the forward passes through it.

    Each is run by itself on what really arrives at it, first to warm up, then at least
    three times, and the median counts. Nothing but one layer's tensors is kept.

    Args:
        network: with numbers; in evaluation mode meanwhile.
        input: (channels, height, width).
        batch: pictures per run.
        threads: of the computation; as set when None.
    """
    layers: list[LayerTime] = []
    calls: dict[str, int] = {}
    busy = False

    def hook(name: str) -> Callable[..., None]:
        def after(module: nn.Module, args: Any, kwargs: Any, result: Any) -> None:
            nonlocal busy
            if busy:
                return
            busy = True
            calls[name] = calls.get(name, 0) + 1
            first = not layers
            forward, backward = _both_ways(module, args, kwargs, first)
            layers.append(LayerTime(name, calls[name], forward, backward))
            busy = False

        return after

    device = next((p.device for p in network.parameters()), torch.device("cpu"))
    images = torch.rand(batch, *input, device=device)
    with _threads(threads) as used, undisturbed(network, buffers=True):
        handles = [
            module.register_forward_hook(hook(name), with_kwargs=True)
            for name, module in network.named_modules()
            if isinstance(module, ATOMS) or not any(True for _ in module.children())
        ]
        try:
            network(images)
        finally:
            for handle in handles:
                handle.remove()
        whole = _median(lambda: network(images), device)
        peak = _peak(device)
    return Timing(batch, used, peak, tuple(layers), whole)


def _both_ways(
    module: nn.Module, args: Any, kwargs: Any, first: bool
) -> tuple[float, float]:
    """Seconds forward, seconds backward."""
    tensors = tensors_in((args, kwargs))
    if not tensors:
        return 0.0, 0.0
    device = tensors[0].device
    forward = _median(lambda: module(*args, **kwargs), device)
    with torch.enable_grad():
        wanted: list[Tensor] = [p for p in module.parameters() if p.requires_grad]
        given = []
        for arg in args:
            if isinstance(arg, Tensor) and arg.is_floating_point() and not first:
                arg = arg.detach().requires_grad_()
                wanted.append(arg)
            given.append(arg)
        if not wanted:
            return forward, 0.0
        outputs = [t for t in tensors_in((module(*given, **kwargs),)) if t.grad_fn]
        if not outputs:
            return forward, 0.0
        ones = [torch.ones_like(t) for t in outputs]

        def back() -> None:
            torch.autograd.grad(
                outputs, wanted, ones, retain_graph=True, allow_unused=True
            )

        return forward, _median(back, device)


def _median(run: Callable[[], Any], device: torch.device) -> float:
    """Seconds of a warm run."""
    run()
    times: list[float] = []
    while len(times) < FEWEST or (len(times) < MOST and sum(times) < ENOUGH_SECONDS):
        _wait(device)
        start = time.perf_counter()
        run()
        _wait(device)
        times.append(time.perf_counter() - start)
    return median(times)


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _peak(device: torch.device) -> float:
    """Multiply-accumulates per second in a large product, the better of two ways.

    A 1×1 convolution is the same product; on some processors its library is much the
    faster one.
    """
    a, b = (torch.rand(MATRIX, MATRIX, device=device) for _ in range(2))
    picture = torch.rand(1, MATRIX, 32, MATRIX // 32, device=device)
    picture = picture.to(memory_format=torch.channels_last)
    kernel = torch.rand(MATRIX, MATRIX, 1, 1, device=device)
    kernel = kernel.to(memory_format=torch.channels_last)
    product = _median(lambda: a @ b, device)
    convolution = _median(lambda: nn.functional.conv2d(picture, kernel), device)
    return MATRIX**3 / min(product, convolution)


@contextmanager
def _threads(number: int | None) -> Iterator[int]:
    before = torch.get_num_threads()
    if number is not None:
        torch.set_num_threads(number)
    try:
        yield torch.get_num_threads()
    finally:
        torch.set_num_threads(before)
