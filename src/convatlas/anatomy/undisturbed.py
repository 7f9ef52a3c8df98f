"""Looking at a network without changing anything about it."""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn


@contextmanager
def undisturbed(network: nn.Module, buffers: bool = False) -> Iterator[None]:
    """Evaluation mode inside; outside all is as before.

    Attributes that the forward sets, counters, hooks, the training flag of each module
    and the random state come back.

    Args:
        network: any module.
        buffers: bring back the numbers in buffers too, for a forward on real numbers.
    """
    modules = list(network.modules())
    before = [dict(module.__dict__) for module in modules]
    tables = [
        {k: v.copy() for k, v in held.items() if isinstance(v, dict)} for held in before
    ]
    numbers = [(b, b.clone()) for b in network.buffers()] if buffers else []
    random_state = torch.get_rng_state()
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        for module in modules:
            module.training = False
        with torch.no_grad():
            yield
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)
        torch.set_rng_state(random_state)
        for buffer, kept in numbers:
            buffer.copy_(kept)
        for module, held, dicts in zip(modules, before, tables, strict=True):
            for key, content in dicts.items():
                held[key].clear()
                held[key].update(content)
            module.__dict__.clear()
            module.__dict__.update(held)
