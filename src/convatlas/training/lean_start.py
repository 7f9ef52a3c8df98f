"""Optimizers without torch's compiler, which they would load and never use.

The first optimizer of a process, and its first step, import ``torch._dynamo``, only to
tell a compiler what to leave alone: about a second, as long as ``import torch`` takes.
"""

import inspect
import sys
from typing import TypeVar

import torch
from torch.optim import Optimizer

Kind = TypeVar("Kind", bound=Optimizer)

# what torch/_compile.py looks for on a method before it imports the compiler
MARK = "__dynamo_disable"


def lean(kind: type[Kind]) -> type[Kind]:
    """The same optimizer, whose making and steps do not import the compiler.

    Args:
        kind: one of torch's; comes back as it is where the compiler is loaded already.
    """
    if "torch._dynamo" in sys.modules:
        return kind
    for name in ("add_param_group", "zero_grad", "state_dict", "load_state_dict"):
        method = getattr(getattr(Optimizer, name), "__wrapped__", None)
        if method is not None and not hasattr(method, MARK):
            setattr(method, MARK, method)
    step = torch.no_grad()(inspect.unwrap(kind.step))
    return type(kind.__name__, (kind,), {"step": step})
