"""A side of a comparison in a process of its own, and the conditions it ran under."""

import json
import os
import resource
import shlex
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

from convatlas.machine import processor

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Finished:
    """What a process left behind.

    Attributes:
        said: the JSON on the last line of its output.
        seconds: from its start to its end.
        fault: the last line of its complaint if it failed, else empty.
    """

    said: dict[str, Any]
    seconds: float
    fault: str = ""


def run_side(
    module: str, arguments: list[str], threads: int, python: str = sys.executable
) -> Finished:
    """Runs ``python -m module arguments`` on the CPU and waits for it."""
    environment = {
        **os.environ,
        "OMP_NUM_THREADS": str(threads),
        "MKL_NUM_THREADS": str(threads),
        "CUDA_VISIBLE_DEVICES": "",
        "MPLBACKEND": "agg",
    }
    started = perf_counter()
    done = subprocess.run(
        [python, "-m", module, *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=environment,
    )
    seconds = perf_counter() - started
    if done.returncode:
        lines = done.stderr.strip().splitlines() or [f"exit code {done.returncode}"]
        return Finished({}, seconds, lines[-1])
    last = (done.stdout.strip().splitlines() or [""])[-1]
    try:
        return Finished(json.loads(last), seconds)
    except ValueError:
        return Finished({}, seconds, f"said no figures but {last!r}")


def peak_megabytes() -> float:
    """The largest resident set of this process so far, without its workers."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    # elsewhere; counts what the parent held at the fork, too
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def conditions(threads: int, load: float) -> str:
    """Processor, threads, load, versions and date, for a page."""
    return (
        f"{processor()}, {threads} threads, load {load:.1f} at the start, torch "
        f"{version('torch')}, {datetime.now(UTC).date()}"
    )


def command_line(module: str) -> str:
    """The command that this process was started with."""
    return shlex.join(["python", "-m", module, *sys.argv[1:]])
