"""Max pooling compiled for this processor against torch's, forward and backward.

    python -m benchmarks.pooling --out docs/results/pooling.md

Channels last, a rectifier after the pooling, torch's and ours in turn; wall-clock
milliseconds. Both give the same numbers, which is checked at every row.
"""

import argparse
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

import torch
from torch import Tensor
from torch.nn import functional as F

from benchmarks.own_process import command_line, conditions
from convatlas.training.speed.memory import keep_freed_memory
from convatlas.training.speed.native.max_pooling import max_pooling

HEADER = """# Max pooling, compiled

One max pooling and the rectifier after it, forward and backward, channels last:
milliseconds, medians of {rounds} in turn. Both give the same numbers, bit for bit.
{conditions}.

    {command}

| where | batch | maps | window, stride, padding | values | torch, ms | compiled, ms | \
times as fast |
|---|--:|---|---|---|--:|--:|--:|
"""


@dataclass(frozen=True)
class Case:
    """A pooling of a network."""

    where: str
    batch: int
    maps: tuple[int, int, int]
    window: int
    stride: int
    padding: int = 0


CASES = (
    Case("resnet-mini, 1st", 256, (16, 24, 24), 2, 2),
    Case("resnet-mini, 2nd", 256, (32, 8, 8), 2, 2),
    Case("lenet5-maxpool, 1st", 256, (6, 28, 28), 2, 2),
    Case("googlenet-mini, 2nd", 256, (20, 8, 8), 2, 2),
    Case("AlexNet, 1st", 128, (96, 54, 54), 3, 2),
    Case("ResNet-18 on street pictures", 64, (64, 32, 64), 3, 2, 1),
    Case("GoogLeNet, in a block", 64, (192, 12, 12), 3, 1, 1),
)


def row(case: Case, dtype: torch.dtype, rounds: int) -> str:
    """Measures one pooling."""
    torch.manual_seed(0)
    last = torch.channels_last
    images = torch.randn(case.batch, *case.maps, dtype=dtype).to(memory_format=last)
    images.requires_grad_()
    pooling = (case.window, case.stride, case.padding)

    def torchs() -> Tensor:
        return torch.relu(F.max_pool2d(images, *pooling))

    def ours() -> Tensor:
        pooled = max_pooling(images, *pooling, rectified=True)
        assert pooled is not None, "it cannot be compiled here"
        return pooled

    towards = torch.randn_like(torchs())
    seconds: dict[str, list[float]] = {"torch": [], "ours": []}
    made = {}
    ways: tuple[tuple[str, Callable[[], Tensor]], ...]
    ways = ("torch", torchs), ("ours", ours)
    for _ in range(rounds + 1):
        for name, way in ways:
            started = perf_counter()
            (made[name],) = torch.autograd.grad(way(), images, towards)
            seconds[name].append(perf_counter() - started)
    assert torch.equal(made["torch"], made["ours"])
    plain, compiled = (1e3 * median(each[1:]) for each in seconds.values())
    channels, height, width = case.maps
    values = "float32" if dtype == torch.float32 else "bf16"
    return (
        f"| {case.where} | {case.batch} | {channels}×{height}×{width} | "
        f"{case.window}, {case.stride}, {case.padding} | {values} | {plain:.2f} | "
        f"{compiled:.2f} | **{plain / compiled:.2f}** |\n"
    )


def main() -> None:
    """Writes the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    keep_freed_memory()  # as training does
    text = HEADER.format(
        rounds=chosen.rounds,
        conditions=conditions(torch.get_num_threads(), os.getloadavg()[0]),
        command=command_line("benchmarks.pooling"),
    )
    for case in CASES:
        for dtype in (torch.float32, torch.bfloat16):
            text += row(case, dtype, chosen.rounds)
            print(text.splitlines()[-1], flush=True)
    if chosen.out:
        chosen.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
