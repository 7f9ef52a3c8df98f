"""Winograd's way of convolving against torch's convolution, one thread, float32.

    python -m benchmarks.winograd --out docs/results/winograd.md

Forward and backward of single convolutions, channels last, torch's and ours in turn;
milliseconds of the processor (a neighbour on the same core does not count) and errors
of the result against float64, relative to its norm.
"""

import argparse
import os
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import thread_time

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from torch import Tensor
from torch.nn import functional as F

from benchmarks.own_process import command_line, conditions
from convatlas.training.speed import cutting
from convatlas.training.speed.memory import keep_freed_memory
from convatlas.training.speed.winograd import winograd_convolution

LAST = torch.channels_last

HEADER = """# Winograd's way of convolving

One convolution, forward and backward, float32, channels last, one thread: milliseconds
of the processor, medians of {rounds} in turn. Errors against float64, relative to the
norm of the result. "Used": whether a training takes it (`training/speed/cutting.py`).
{conditions}.

    {command}

| channels | kernel | map | batch | where | torch, ms | Winograd, ms | times as fast | \
error, torch | Winograd | used |
|---|---|---|--:|---|--:|--:|--:|--:|--:|---|
"""


@dataclass(frozen=True)
class Case:
    """A convolution with stride 1 whose output is as large as its input."""

    where: str
    batch: int
    channels: int
    many: int
    size: tuple[int, int]
    kernel: int = 3


CASES = (
    Case("AlexNet, 2nd", 128, 96, 256, (26, 26), 5),
    Case("AlexNet, 4th", 128, 384, 384, (12, 12)),
    Case("VGG, 4th stage", 16, 512, 512, (28, 28)),
    Case("ResNet-18 on street pictures", 64, 64, 64, (16, 32)),
    Case("ResNet-18 on street pictures", 64, 128, 128, (8, 16)),
    Case("ResNet-18 on street pictures", 64, 256, 256, (4, 8)),
    Case("ResNet-18 on street pictures", 64, 512, 512, (2, 4)),
)


def row(case: Case, rounds: int) -> str:
    """Measures one convolution."""
    torch.manual_seed(0)
    fan_in = case.channels * case.kernel**2
    images = torch.randn(case.batch, case.channels, *case.size).to(memory_format=LAST)
    weight = torch.randn(case.many, case.channels, case.kernel, case.kernel)
    weight = (weight / fan_in**0.5).to(memory_format=LAST).requires_grad_()
    images.requires_grad_()
    towards = torch.randn(case.batch, case.many, *case.size).to(memory_format=LAST)
    padding = case.kernel // 2

    def torchs() -> Tensor:
        return F.conv2d(images, weight, None, 1, padding)

    def ours() -> Tensor | None:
        return winograd_convolution(images, weight, None, 1, padding)

    used = ours() is not None
    least, cutting.LEAST_GAIN = cutting.LEAST_GAIN, 0.0
    cutting.cheapest_cut.cache_clear()
    milliseconds: dict[str, list[float]] = {"torch": [], "ours": []}
    made = {}
    try:
        for _ in range(rounds + 1):
            for name, way in (("torch", torchs), ("ours", ours)):
                started = thread_time()
                result = way()
                assert result is not None
                torch.autograd.grad(result, [images, weight], towards)
                milliseconds[name].append(1e3 * (thread_time() - started))
                made[name] = result.detach().double()
    finally:
        cutting.LEAST_GAIN = least
        cutting.cheapest_cut.cache_clear()
    with torch.no_grad():
        exact = F.conv2d(images.double(), weight.double(), None, 1, padding)
    errors = {n: float((m - exact).norm() / exact.norm()) for n, m in made.items()}
    plain, short = (median(each[1:]) for each in milliseconds.values())
    height, width = case.size
    return (
        f"| {case.channels} → {case.many} | {case.kernel}×{case.kernel} | "
        f"{height}×{width} | {case.batch} | {case.where} | {plain:.1f} | {short:.1f} | "
        f"**{plain / short:.2f}** | {errors['torch']:.1e} | {errors['ours']:.1e} | "
        f"{'yes' if used else 'no'} |\n"
    )


def main() -> None:
    """Writes the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    keep_freed_memory()  # as training does
    text = HEADER.format(
        rounds=chosen.rounds,
        conditions=conditions(1, os.getloadavg()[0]),
        command=command_line("benchmarks.winograd"),
    )
    for case in CASES:
        text += row(case, chosen.rounds)
        print(text.splitlines()[-1], flush=True)
    if chosen.out:
        chosen.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
