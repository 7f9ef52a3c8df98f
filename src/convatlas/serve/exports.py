"""ONNX files of runs that have none, made in child processes while the server answers.

The server itself never imports torch for them.
"""

import asyncio
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from convatlas.errors import ExportError
from convatlas.runs.files import MODEL, WEIGHTS

NICENESS = 10  # requests come first


class Exports:
    """Makes ONNX files in a folder that is gone with it."""

    def __init__(self) -> None:
        self._folder = TemporaryDirectory(prefix="convatlas-serve-")
        self._one_at_a_time = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None

    async def make(self, run: Path, id: str) -> Path:
        """The ONNX file of a run.

        Args:
            run: its directory.
            id: of the served run, unique.

        Raises:
            ExportError: it cannot be made; the message says why.
        """
        out = Path(self._folder.name) / f"{id}.onnx"
        command = [sys.executable, "-m", "convatlas", "export"]
        async with self._one_at_a_time:
            self._child = await asyncio.create_subprocess_exec(
                *command,
                *(str(run.resolve()), "--out", str(out)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                env={**os.environ, "OMP_NUM_THREADS": "1"},
                start_new_session=True,  # Ctrl-C is for the server
            )
            os.setpriority(os.PRIO_PROCESS, self._child.pid, NICENESS)
            _, errors = await self._child.communicate()
            status, self._child = self._child.returncode, None
        if status != 0 or not out.is_file():
            lines = errors.decode(errors="replace").strip().splitlines()
            said = (
                lines[-1].removeprefix("convatlas: ") if lines else f"status {status}"
            )
            raise ExportError(said)
        return out

    def close(self) -> None:
        """Ends what runs and removes the files."""
        if self._child is not None and self._child.returncode is None:
            self._child.kill()
        self._folder.cleanup()


def own_model(run: Path, *, trusted: bool) -> Path | None:
    """The run's own ONNX file; None where it has none, or trained on since.

    Args:
        run: its directory.
        trusted: whatever the files' dates say (installing a package changes them).
    """
    model, weights = run / MODEL, run / WEIGHTS
    if not model.is_file():
        return None
    if trusted or not weights.is_file():
        return model
    return model if model.stat().st_mtime >= weights.stat().st_mtime else None
