"""The process that trains: ``python -m convatlas train --progress jsonl``."""

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any

LONGEST_LINE = 1 << 24  # bytes of an event; mistakes carry pictures
NICER = 5  # than the server, which is to answer meanwhile
PATIENCE_SECONDS = 20.0  # after which a child is asked less kindly
# status of a training that was stopped, or killed before it could take note
STOPPED = (130, 143, -signal.SIGINT, -signal.SIGTERM)


class Child:
    """A training in a process, and process group, of its own.

    Args:
        arguments: of ``convatlas train``.
    """

    def __init__(self, arguments: list[str]) -> None:
        self._arguments = arguments
        self._process: asyncio.subprocess.Process | None = None
        self._said = b""

    async def start(self) -> None:
        """Starts it; ``OSError`` where that cannot be."""
        self._process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "convatlas", "train", *self._arguments),
            *("--progress", "jsonl"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=LONGEST_LINE,
            start_new_session=True,  # Ctrl-C in a terminal is the server's alone
        )
        with contextlib.suppress(OSError, AttributeError):  # gone, or not on Windows
            os.setpriority(os.PRIO_PROCESS, self._process.pid, NICER)

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """Its events, until it ends."""
        process = self._process
        assert process is not None and process.stdout and process.stderr
        said = asyncio.create_task(process.stderr.read())
        async for line in process.stdout:
            with contextlib.suppress(ValueError):
                yield json.loads(line)
        self._said = await said
        await process.wait()

    @property
    def status(self) -> int | None:
        """What it exited with; None while it runs."""
        return None if self._process is None else self._process.returncode

    @property
    def complaint(self) -> str:
        """The last line that it wrote to standard error."""
        lines = self._said.decode(errors="replace").strip().splitlines()
        return lines[-1].removeprefix("convatlas: ") if lines else ""

    def stop(self) -> None:
        """Asks it to save and end; ``events`` then comes to its end."""
        self._send(signal.SIGINT)

    async def end(self) -> None:
        """Makes sure that it has ended: kindly, then less so."""
        for how in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            if self._process is None or self._process.returncode is not None:
                return
            self._send(how)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._process.wait(), PATIENCE_SECONDS)

    def _send(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)
