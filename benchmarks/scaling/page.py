"""The page: what two processes gained, what the model had said, and what it says of
more workers."""

from collections.abc import Sequence
from statistics import median
from typing import Any

import torch

from benchmarks.scaling.model import (
    FLOAT_BYTES,
    FLOPS_PER_MAC,
    Link,
    all_reduce_seconds,
    computing_seconds,
    efficiency,
)
from benchmarks.scaling.side import LARGE_BYTES, NETWORKS
from convatlas.anatomy import trace
from convatlas.networks import build, find

Round = dict[str, dict[str, Any]]  # by way, what its processes said

# of the model: pictures of each worker's batch
MODELLED = {"lenet5-tanh": 256, "resnet18": 64, "resnet50": 64, "vgg16": 32}
WORKERS = (1, 2, 8, 64, 256, 1024)
PER_STEP = 2  # tiny sums: of losses and scores, and whether to stop


def page(rounds: Sequence[Round], *, conditions: str, command: str) -> str:
    """Of all rounds; medians."""

    tiny = median(each["two"]["sums"]["tiny"] for each in rounds)
    large = median(each["two"]["sums"]["large"] for each in rounds)
    loopback = Link(LARGE_BYTES / (large - tiny), tiny / 2, overlaps=False)
    pairs = [_rows(name, rounds, loopback, tiny) for name in NETWORKS]
    large_net, small_net = "resnet18-gray", "lenet5-tanh"
    macs = FLOPS_PER_MAC * costs(large_net)[1] * NETWORKS[large_net]
    flops = macs / _step(rounds, "one, two threads", large_net)
    least = _step(rounds, "one, two threads", small_net)
    return PAGE.format(
        rounds=len(rounds),
        conditions=conditions,
        command=command,
        measured="\n".join(measured for measured, _ in pairs),
        bandwidth=loopback.bandwidth / 1e9,
        tiny=tiny * 1e6,
        checked="\n".join(checked for _, checked in pairs),
        costs="\n".join(cost_row(name) for name in MODELLED),
        worlds="\n".join(
            world(*each)
            for each in (
                (
                    f"Processors like this one ({flops / 1e9:,.0f} GFLOP/s, as "
                    f"{large_net} reaches above with two threads; {least * 1e3:,.1f} "
                    f"ms at least, as {small_net} takes), 10 Gbit/s Ethernet, 50 µs a "
                    "round",
                    flops,
                    least,
                    Link(10e9 / 8, 50e-6),
                ),
                (
                    "The same, 100 Gbit/s and 10 µs",
                    flops,
                    least,
                    Link(100e9 / 8, 10e-6),
                ),
                (
                    "GPUs that keep up 200 TFLOP/s and take 1 ms at least, 400 Gbit/s "
                    "and 5 µs",
                    200e12,
                    1e-3,
                    Link(400e9 / 8, 5e-6),
                ),
            )
        ),
    )


def _step(rounds: Sequence[Round], way: str, name: str, part: str = "whole") -> float:
    return median(each[way]["speeds"][name][part] for each in rounds)


def _rows(
    name: str, rounds: Sequence[Round], loopback: Link, tiny: float
) -> tuple[str, str]:
    """Of the table of what was measured, and of that of what was predicted."""
    batch = NETWORKS[name]
    alone = _step(rounds, "one", name)
    threads = _step(rounds, "one, two threads", name)
    half, two = _step(rounds, "one", name, "half"), _step(rounds, "two", name)
    gains = [_step([each], "one", name) / _step([each], "two", name) for each in rounds]
    sums = all_reduce_seconds(2, bytes_of(name), loopback) + PER_STEP * tiny
    predicted = half + sums
    return (
        f"| {name} ({batch}) | {batch / alone:,.0f} | {batch / threads:,.0f} | "
        f"{batch / two:,.0f} | {median(gains):.2f} ({min(gains):.2f} to "
        f"{max(gains):.2f}) | {threads / two:.2f} |",
        f"| {name} | {bytes_of(name) / 1e6:,.2f} | {half * 1e3:,.1f} | "
        f"{sums * 1e3:,.2f} | {alone / predicted / 2:.0%} | {alone / two / 2:.0%} |",
    )


def costs(name: str) -> tuple[int, int]:
    """Parameters, and MACs of the forward pass of a picture."""
    with torch.device("meta"):
        table = trace(build(name), find(name).input)
    return table.parameters, table.macs


def bytes_of(name: str) -> int:
    """Of all gradients."""
    return costs(name)[0] * FLOAT_BYTES


def cost_row(name: str) -> str:
    """Of the table of costs."""
    parameters, macs = costs(name)
    moved = parameters * FLOAT_BYTES / 1e6
    return f"| {name} | {MODELLED[name]} | {moved:,.2f} | {macs / 1e9:,.4g} |"


def world(title: str, flops: float, least: float, link: Link) -> str:
    """The efficiencies of all networks under one assumption."""
    lines = [
        f"\n{title}:\n",
        "| network | step, ms | " + " | ".join(f"{n:,}" for n in WORKERS) + " |",
        "|---" * (len(WORKERS) + 2) + "|",
    ]
    for name, pictures in MODELLED.items():
        parameters, macs = costs(name)
        computing = computing_seconds(macs, pictures, flops, least)
        shares = " | ".join(
            f"{efficiency(n, parameters * FLOAT_BYTES, computing, link):.0%}"
            for n in WORKERS
        )
        lines.append(f"| {name} | {computing * 1e3:,.1f} | {shares} |")
    return "\n".join(lines)


# ruff: noqa: E501
PAGE = """# One process and two; a model of 1,024

Generated; what it means is said in [scaling.md](../scaling.md).
{conditions}; {rounds} rounds, each way in turn in processes of its own, medians.

    {command}

## Measured
Images per second of the same global batch (in parentheses), and how many times as fast
two processes are.

| network (batch) | 1 process, 1 thread | 1 process, 2 threads | 2 processes, 1 thread each | over 1 process, 1 thread (range) | over 1 process, 2 threads |
|---|---|---|---|---|---|
{measured}

## The model against these two points
Over loopback a sum of two processes moves {bandwidth:.2f} GB/s, a tiny one takes
{tiny:,.0f} µs. Predicted: a step of one process with half of the batch, the sum of all
gradients without overlap (both cores compute), two tiny sums. Efficiency is the gain
over one process with one thread, divided by two.

| network | gradients, MB | half a batch, ms | sums, ms | predicted | measured |
|---|---|---|---|---|---|
{checked}

## The model up to 1,024 workers
Efficiency (share of a step spent computing) where every worker has a batch of its own;
speed and links are assumed, as each table says.

| network | pictures a worker | gradients, MB | forward, GMACs a picture |
|---|---|---|---|
{costs}
{worlds}
"""
