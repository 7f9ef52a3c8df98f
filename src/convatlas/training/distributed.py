"""Several processes that train one network: torch's engine behind ``Group``.

Each step every process takes its share of the same batch, DistributedDataParallel
averages the gradients, and all optimizers make the same step. So the batch size of a
recipe is that of all processes together, and nothing but the shares depends on their
number: a run may go on with another one.
"""

import itertools
import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.distributed.distributed_c10d import PrefixStore, Store
from torch.nn.parallel import DistributedDataParallel

from convatlas.errors import ConvatlasError, SaidElsewhere, TrainingError
from convatlas.launch import Launch
from convatlas.training.group import Group, Runner, Share
from convatlas.training.sync_batch_norm import SyncBatchNorm, synchronise

T = TypeVar("T")

TIMEOUT = timedelta(minutes=5)  # of a step's exchange; a killed process shows at once
PREPARING = timedelta(hours=6)  # downloads and decoding, by the process that leads
LEADER = 0


@dataclass(frozen=True)
class Place:
    """Where a process computes, and the engine that connects it with the others."""

    device: str
    backend: str


class Processes(Group):
    """This process among others."""

    fragile = True

    def __init__(self, launch: Launch, store: Store, place: Place) -> None:
        cores = os.cpu_count() or 1
        if "OMP_NUM_THREADS" not in os.environ:
            torch.set_num_threads(max(1, cores // launch.local_size))
        threads = torch.get_num_threads()
        super().__init__(place.device, _note(launch, threads, cores, place.backend))
        self.rank, self.size = launch.rank, launch.size
        self._launch, self._store = launch, store
        self._attempt = PrefixStore(f"attempt {launch.attempt}", store)
        self._calls = itertools.count()
        if place.device.startswith("cuda"):
            torch.cuda.set_device(place.device)
        dist.init_process_group(
            place.backend,
            store=self._attempt,
            rank=self.rank,
            world_size=self.size,
            timeout=TIMEOUT,
        )
        # of small values that must not wait for a GPU; None is the group of all
        self._control: dist.ProcessGroup | None = None
        if place.backend == "nccl":
            control = dist.new_group(backend="gloo", timeout=TIMEOUT)
            assert isinstance(control, dist.ProcessGroup)
            self._control = control

    def share_of(self, count: int, worth: Tensor | None = None) -> Share:
        return Share.of(self.rank, self.size, count, worth)

    def synchronised(self, network: nn.Module) -> None:
        if self.device.startswith("cuda"):
            nn.SyncBatchNorm.convert_sync_batchnorm(network)  # type: ignore[no-untyped-call]
        else:
            synchronise(network)

    def runner(self, network: nn.Module) -> Runner:
        return _ParallelRunner(network)

    def reseed(self, seed: int, epoch: int, step: int) -> None:
        # so that no process has the dropout of another one, and a checkpoint needs to
        # hold no process' random state
        torch.manual_seed(hash((seed, epoch, step, self.rank)) & (2**63 - 1))

    def total(self, values: Tensor) -> Tensor:
        dist.all_reduce(values)
        return values

    def highest(self, value: int) -> int:
        values = torch.tensor([value])
        dist.all_reduce(values, dist.ReduceOp.MAX, group=self._control)
        return int(values)

    def shared(self, value: Any) -> Any:
        # the store waits for hours, a collective call does not
        key = f"shared {next(self._calls)}"
        if self.leads:
            self._attempt.set(key, "")
        else:
            self._attempt.wait([key], PREPARING)
        values = [value]
        dist.broadcast_object_list(values, LEADER, self._control)
        return values[0]

    def meet(self) -> None:
        call = next(self._calls)
        self._attempt.set(f"{call} {self.rank}", "")
        everyone = [f"{call} {rank}" for rank in range(self.size)]
        self._attempt.wait(everyone, PREPARING)

    def align(self, network: nn.Module) -> None:
        for buffer in network.buffers():
            dist.broadcast(buffer, LEADER)

    def answers(
        self, batches: Sequence[Tensor], answer: Callable[[Tensor], Tensor]
    ) -> list[Tensor]:
        mine = [answer(batch) for batch in batches[self.rank :: self.size]]
        of_all: list[list[Tensor]] = [[] for _ in range(self.size)]
        dist.all_gather_object(of_all, [a.cpu() for a in mine], self._control)
        device = torch.device(self.device)
        return [
            of_all[index % self.size][index // self.size].to(device)
            for index in range(len(batches))
        ]

    def remember(self, name: str, value: str) -> None:
        if self.leads:
            self._store.set(name, value)

    def recalled(self, name: str) -> str | None:
        known = self._store.check([name])
        return self._store.get(name).decode() if known else None

    def fault(self, error: Exception) -> Exception:
        """What this process should raise instead: one of all tells the user."""
        try:
            first = self._attempt.add("said", 1) == 1
            run = self.recalled("run")
        except RuntimeError:  # the store went down with the process that held it
            first, run = True, None
        if not first:
            return SaidElsewhere("another process has told what went wrong")
        if isinstance(error, dist.DistError) or "gloo" in str(error):
            if threading.current_thread() is threading.main_thread():
                # torchrun asks the others to end: not before they have told why
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
            return TrainingError(self._lost(run))
        if isinstance(error, ConvatlasError) and not self.leads:
            error.args = (f"process {self.rank} of {self.size}: {error}",)
        return error

    def _lost(self, run: str | None) -> str:
        what = "another process of this training was killed or no longer answers"
        if self._launch.attempts_left > 0:
            return f"{what}: torchrun starts all again, from the last checkpoint"
        if run is None:
            return f"{what}: nothing was trained yet, start again"
        return (
            f"{what}: go on with 'convatlas train --resume {run}', under torchrun or "
            "without"
        )


class _Called(nn.Module):
    """Lets DistributedDataParallel call any function of a network.

    It sees the parameters alone: buffers are aligned when they are needed, not before
    every step.
    """

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.of_network = nn.ParameterList(network.parameters())
        self._network = (network,)

    def forward(self, function: Callable[..., T], *arguments: Any) -> T:
        return function(*self._network, *arguments)


class _ParallelRunner(Runner):
    def __init__(self, network: nn.Module) -> None:
        super().__init__(network)
        self._norms = [m for m in network.modules() if isinstance(m, SyncBatchNorm)]
        self._parallel = DistributedDataParallel(
            _Called(network), gradient_as_bucket_view=True
        )

    def __call__(self, function: Callable[..., T], *arguments: Any) -> T:
        result: T = self._parallel(function, *arguments)
        return result

    @contextmanager
    def part(self, share: Share, last: bool) -> Iterator[None]:
        for norm in self._norms:
            norm.apart = share.whole
        with ExitStack() as stack:
            if not last:
                stack.enter_context(self._parallel.no_sync())
            yield


def _note(launch: Launch, threads: int, cores: int, backend: str) -> str:
    note = f"{launch.size} processes with {threads} thread(s) each, over {backend}"
    each = cores // launch.local_size
    if backend == "gloo" and each > threads:
        note += f"; OMP_NUM_THREADS={each} would use all {cores} cores"
    return note
