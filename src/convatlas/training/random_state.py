"""torch's own random numbers on a device, beside those of the processor."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor


def device_random_state(device: torch.device) -> Tensor | None:
    """Of the device's generator; None for the processor, which always has its own."""
    if device.type == "cuda":
        return torch.cuda.get_rng_state(device)
    return torch.mps.get_rng_state() if device.type == "mps" else None


def set_device_random_state(device: torch.device, state: Tensor) -> None:
    """Puts the device's generator where ``state`` was."""
    if device.type == "cuda":
        torch.cuda.set_rng_state(state.cpu(), device)
    elif device.type == "mps":
        torch.mps.set_rng_state(state.cpu())


@contextmanager
def same_random_state(device: torch.device) -> Iterator[None]:
    """Whatever is drawn inside, all generators stand as before afterwards."""
    processor, other = torch.get_rng_state(), device_random_state(device)
    try:
        yield
    finally:
        torch.set_rng_state(processor)
        if other is not None:
            set_device_random_state(device, other)
