"""How a process meets the others that torchrun started, and how it leaves them."""

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.distributed as dist
from torch.distributed.distributed_c10d import PrefixStore
from torch.distributed.rendezvous import rendezvous

from convatlas.errors import TrainingError, UsageError
from convatlas.launch import Launch
from convatlas.training.distributed import TIMEOUT, Place, Processes
from convatlas.training.group import Group

# A program may train several networks, one after the other; each has its own values in
# the store, under the same number in all processes.
TRAININGS = itertools.count()


@contextmanager
def joined(device: str = "auto") -> Iterator[Group]:
    """The processes that torchrun started, or this one alone.

    Whatever ends one of them inside ends the others, and one of all tells why.

    Args:
        device: ``"auto"`` and ``"cuda"`` give each process of a machine its own GPU.

    Raises:
        UsageError: not that many GPUs.
        TrainingError: the others cannot be reached, or went away.
        SaidElsewhere: instead of whatever was raised inside, where another process was
            the first to fail.
    """
    launch = Launch.found()
    if launch is None:
        yield Group(device)
        return
    group = _join(launch, _own_place(launch, device))
    try:
        yield group
    except Exception as error:
        fault = group.fault(error)
        if fault is error:
            raise
        raise fault from None
    finally:
        dist.destroy_process_group()


def _join(launch: Launch, place: Place) -> Processes:
    try:
        store, _, _ = next(rendezvous("env://", timeout=TIMEOUT))
        own = PrefixStore(f"convatlas {next(TRAININGS)}", store)
        return Processes(launch, own, place)
    except (dist.DistError, RuntimeError) as error:
        first = str(error).strip().splitlines()[0]
        where = f"{os.environ['MASTER_ADDR']}:{os.environ['MASTER_PORT']}"
        raise TrainingError(
            f"process {launch.rank} of {launch.size} cannot meet the others at {where} "
            f"({first})"
        ) from None


def _own_place(launch: Launch, wanted: str) -> Place:
    if wanted == "mps":
        raise UsageError("device 'mps' serves one process; start without torchrun")
    if wanted not in ("auto", "cuda"):
        return Place(wanted, "gloo")  # nccl wants a GPU for each process
    if not torch.cuda.is_available():
        return Place("cpu" if wanted == "auto" else wanted, "gloo")
    count = torch.cuda.device_count()
    if launch.local_size > count:
        raise UsageError(
            f"{launch.local_size} processes on a machine with {count} GPU(s): start "
            f"--nproc-per-node={count}, or choose --device cpu"
        )
    return Place(f"cuda:{launch.local_rank}", "nccl")
