import copy
import platform
from pathlib import Path

import pytest
import torch
from torch.nn import functional as F

from convatlas.networks import build
from convatlas.recipe import Recipe
from convatlas.training.examples import Examples
from convatlas.training.speed.execution import Execution
from convatlas.training.speed.kernels import FasterKernels
from convatlas.training.speed.passes import Passes
from convatlas.training.state import TrainingState
from convatlas.training.step import train_step
from tests.forked import forked

from .training_task import examples, network, scaled

CPU = torch.device("cpu")


def test_a_machine_is_as_before_afterwards() -> None:
    threads = torch.get_num_threads()
    with Execution(threads=threads + 1, tf32="on").on_this_machine(CPU):
        assert torch.get_num_threads() == threads + 1
    assert torch.get_num_threads() == threads
    with pytest.raises(KeyError):
        with Execution(threads=threads + 1).on_this_machine(CPU):
            raise KeyError
    assert torch.get_num_threads() == threads


def test_a_recipe_alone_leaves_open_what_needs_a_machine() -> None:
    assert Execution.of(Recipe(precision="auto")) == Execution()
    asked = Recipe(precision="bf16", threads=2, channels_last="off", kernels="on")
    assert Execution.of(asked) == Execution("bf16", False, 2, True)


@pytest.mark.parametrize("last", [True, False])
def test_weights_lie_as_the_pictures_do(last: bool) -> None:
    way = Execution(channels_last=last)
    wide = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3))
    state = TrainingState.fresh(wide, Recipe(), 0, execution=way)
    weight = state.network[0].weight
    assert weight.is_contiguous(memory_format=way.memory_format)
    assert weight.is_contiguous() is not last


def test_a_training_in_bf16_is_not_the_same_as_in_float32() -> None:
    images = torch.randn(2, 1, 8, 8)
    plain = network().eval()
    with Passes().forward(Execution(precision="bf16", kernels=True), images):
        half = plain(images)
    with Passes().forward(Execution(kernels=True), images):
        full = plain(images)
    assert half.dtype == torch.bfloat16 and full.dtype == torch.float32


def test_faster_kernels_are_as_exact_in_bf16() -> None:
    torch.manual_seed(0)
    plain = build("resnet18-gray", input_size=(32, 32))
    plain.to(memory_format=torch.channels_last)
    images = torch.rand(16, 1, 32, 32).to(memory_format=torch.channels_last)

    def gradients(way: Execution) -> tuple[torch.Tensor, bool]:
        network = copy.deepcopy(plain)
        kernels = way.faster_kernels(CPU)
        with way.of_forward(CPU, kernels):
            loss = F.cross_entropy(network(images).float(), torch.arange(16) % 10)
        loss.backward()
        all_of_it = torch.cat([p.grad.flatten() for p in network.parameters()])
        return all_of_it, kernels is not None and kernels.used

    exact, _ = gradients(Execution())
    rounded, _ = gradients(Execution(precision="bf16"))
    faster, used = gradients(Execution(precision="bf16", kernels=True))
    assert used and not torch.equal(faster, rounded)
    assert (faster - exact).norm() < 1.2 * (rounded - exact).norm()


def test_what_fits_no_kernel_in_bf16_may_fit_one_in_float32() -> None:
    pooled = torch.nn.Sequential(
        torch.nn.AvgPool2d(2), torch.nn.Flatten(), torch.nn.Linear(16, 3)
    )
    bf16 = Execution(precision="bf16", kernels=True)
    state = TrainingState.fresh(pooled, Recipe(), 0, execution=bf16)
    entered = []
    for way in (bf16, bf16, Execution(kernels=True), Execution(kernels=True)):
        state.gradients.execution = way
        with pytest.MonkeyPatch.context() as patch:
            enter = FasterKernels.__enter__
            patch.setattr(
                FasterKernels,
                "__enter__",
                lambda self, enter=enter, way=way: (
                    entered.append(way.precision) or enter(self)
                ),
            )
            train_step(state, examples(), torch.arange(8), 0.1, scaled, None)
    assert entered == ["bf16", "float32", "float32"]


def pages_of_a_step(keep_memory: bool) -> None:
    """Prints how many pages of memory the system has to fetch for a later step."""
    from resource import RUSAGE_SELF, getrusage

    way = Execution(keep_memory=keep_memory)
    images = torch.zeros(256, 1, 28, 28, dtype=torch.uint8)
    train = Examples(images, torch.arange(256) % 10, 10)
    state = TrainingState.fresh(
        build("lenet5-tanh"), Recipe(batch_size=256), 0, execution=way
    )
    with way.on_this_machine(CPU):
        for step in range(8):
            if step == 4:
                before = getrusage(RUSAGE_SELF).ru_minflt
            train_step(state, train, torch.arange(256), 0.1, lambda i: i / 255, None)
    print((getrusage(RUSAGE_SELF).ru_minflt - before) // 4, flush=True)


@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="only the C library of GNU can be told"
)
def test_memory_that_is_kept_is_not_fetched_again(tmp_path: Path) -> None:
    faults = [
        int(forked(tmp_path / "said", pages_of_a_step, kept).ended())
        for kept in (False, True)
    ]
    assert faults[0] > 1000 and faults[1] < faults[0] / 5
