"""The machine a figure was measured on, and the devices it offers."""

import os
import platform
from functools import cache
from importlib.metadata import version
from pathlib import Path
from subprocess import DEVNULL, TimeoutExpired, run
from typing import TYPE_CHECKING, Any

from convatlas.errors import UsageError

if TYPE_CHECKING:
    import torch


def processor() -> str:
    """The processor's name, e.g. ``"AMD EPYC 9B45"``, with what tells its kind."""
    name, flags = platform.processor() or platform.machine(), ""
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                name = value.strip()
            if key.strip() == "flags":
                flags = value
    except OSError:
        pass
    kinds = [
        ("amx_bf16", "AMX bf16"),
        ("avx512_bf16", "AVX-512 bf16"),
        ("avx512f", "AVX-512"),
        ("avx2", "AVX2"),
    ]
    known = [text for flag, text in kinds if flag in flags.split()]
    return f"{name} ({known[0]})" if known else name


@cache
def by_intel() -> bool:
    """Whether Intel made the processor. Their library, which torch multiplies matrices
    with, reaches its full rate there: on others .4 of what convolutions reach, at
    worst."""
    try:
        made_by = Path("/proc/cpuinfo").read_text()
    except OSError:  # not Linux
        made_by = platform.processor()
    return "GenuineIntel" in made_by


def commit() -> str | None:
    """The git commit of the checkout that this code runs from; None if installed."""
    root = Path(__file__).parents[2]
    if not (root / ".git").exists():
        return None
    try:
        done = run(
            ["git", "-C", str(root), "rev-parse", "HEAD"],
            stdout=-1,
            stderr=DEVNULL,
            text=True,
            timeout=5,
        )
    except (OSError, TimeoutExpired):
        return None
    return done.stdout.strip() or None


def choose_device(name: str) -> "torch.device":
    """A device by name; ``"auto"`` takes CUDA, then MPS, then the CPU.

    Raises:
        UsageError: no such device here.
    """
    import torch

    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        if torch.backends.mps.is_available():
            return torch.device("mps")
        return torch.device("cpu")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError, NotImplementedError) as error:
        first = str(error).strip().splitlines()[0]
        raise UsageError(
            f"device {name!r} cannot be used here ({first}); 'auto', 'cpu', 'cuda' "
            "and 'mps' are known"
        ) from None
    if device.type == "meta":
        raise UsageError("device 'meta' holds no numbers; use 'cpu', 'cuda' or 'mps'")
    return device


def described(device: "torch.device") -> dict[str, Any]:
    """For ``run.json``: processor, device, threads, versions."""
    import torch

    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "device": (
            torch.cuda.get_device_name(device) if device.type == "cuda" else device.type
        ),
        "threads": torch.get_num_threads(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "convatlas": version("convatlas"),
    }
