"""What is best on a machine without measuring, and what is asked for against it."""

import os
from dataclasses import replace

import torch

from convatlas.machine import by_intel
from convatlas.recipe import Recipe
from convatlas.training import precision
from convatlas.training.speed.execution import Execution
from convatlas.training.speed.native.building import compiler


def usual(recipe: Recipe, device: torch.device) -> Execution:
    """What a recipe says; what it leaves open, as it is best without measuring."""
    way = Execution.of(recipe)
    fast, on_cpu = recipe.fast == "auto", device.type == "cpu"
    if recipe.channels_last == "auto":
        way = replace(way, channels_last=fast and device.type != "mps")
    if recipe.kernels == "auto":
        way = replace(way, kernels=fast and on_cpu)
    if recipe.winograd == "auto":
        way = replace(way, winograd=fast and on_cpu and by_intel())
    if recipe.native == "auto":
        way = replace(way, native=fast and on_cpu and compiler() is not None)
    if recipe.keep_memory == "auto":
        way = replace(way, keep_memory=fast and on_cpu)
    return way


def for_answers(device: torch.device) -> Execution:
    """How float32 answers without gradients come fastest, without measuring."""
    on_cpu = device.type == "cpu"
    return Execution(kernels=on_cpu, winograd=on_cpu and by_intel())


def doubts(recipe: Recipe, device: torch.device) -> dict[str, str]:
    """Options that a recipe sets to what is slow here, and what to do instead."""
    found, cores = {}, os.cpu_count() or 1
    if recipe.precision == "bf16" and not precision.bf16_is_native(device):
        found["precision"] = (
            f"{device.type} here has no bf16 arithmetic: it is emulated, several "
            "times slower than float32; --precision auto takes the faster one"
        )
    if recipe.threads != "auto" and recipe.threads > cores:
        found["threads"] = (
            f"{recipe.threads} threads wait for each other on {cores} "
            f"core{'s' * (cores != 1)}, many times slower than one a core; "
            "--threads auto takes a good number"
        )
    return found
