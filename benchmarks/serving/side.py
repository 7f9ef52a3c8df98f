"""A server in processes of its own: how soon it answers, what it takes."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.own_process import ROOT

PATIENCE = 90  # seconds to become ready
TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Side:
    """A server to be measured.

    Attributes:
        name: in the table.
        command: after the interpreter's name; PORT stands for the port.
        health: address that answers once it is ready.
        path: that is asked under load.
        kind: of the body: ``image/png`` or ``application/json``.
    """

    name: str
    command: tuple[str, ...]
    health: str
    path: str
    kind: str


@dataclass
class Running:
    """A server that answers.

    Attributes:
        process: that was started; it may have others.
        address: without a path.
        ready_seconds: from its start to its first answer.
    """

    process: "subprocess.Popen[bytes]"
    address: str
    ready_seconds: float

    def megabytes(self) -> float:
        """Of memory that all its processes hold, shared pages divided."""
        total = 0.0
        for pid in self._processes():
            text = Path(f"/proc/{pid}/smaps_rollup").read_text()
            total += int(text.split("\nPss:")[1].split()[0]) / 1024
        return total

    def processor_seconds(self) -> float:
        """That all its processes have used so far."""
        ticks = 0
        for pid in self._processes():
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS

    def _processes(self) -> list[int]:
        found, looked = [self.process.pid], 0
        while looked < len(found):
            for task in Path(f"/proc/{found[looked]}/task").iterdir():
                with contextlib.suppress(OSError):
                    children = (task / "children").read_text().split()
                    found += map(int, children)
            looked += 1
        return found


@contextlib.contextmanager
def running(side: Side) -> Iterator[Running]:
    """Starts a server and ends it with all its processes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        *(part.replace("PORT", str(port)) for part in side.command),
    ]
    started = time.perf_counter()
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    address = f"http://127.0.0.1:{port}"
    try:
        while True:
            with contextlib.suppress(OSError):
                urllib.request.urlopen(address + side.health, timeout=5).close()
                break
            if process.poll() is not None or time.perf_counter() - started > PATIENCE:
                raise SystemExit(f"{side.name}: did not become ready")
            time.sleep(0.02)
        yield Running(process, address, time.perf_counter() - started)
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
