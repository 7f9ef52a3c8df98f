"""Processes that begin with PyTorch loaded, as forks of one that did nothing else.

A program that a test starts needs two seconds of a processor to import it.
"""

import multiprocessing
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from typing import Any

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["pytest", "convatlas.cli.train", "convatlas.verbs.train"])


@dataclass
class Fork:
    """A process of its own, and the file that takes what it writes."""

    process: ForkServerProcess
    said: Path

    def ended(self, within: float = 120) -> str:
        """What it said; it has to come to its end, and to a good one."""
        self.process.join(within)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        said = self.said.read_text()
        assert self.process.exitcode == 0, said
        return said


def forked(
    said: Path,
    function: Callable[..., object],
    *arguments: Any,
    environment: Mapping[str, str] | None = None,
) -> Fork:
    """Starts a function of a module of tests in a process of its own.

    Args:
        said: takes standard output and standard error.
        environment: what is added to that of the tests.
    """
    given = {**os.environ, **(environment or {})}
    process = FORKS.Process(
        target=_in, args=(said, given, function, arguments), daemon=True
    )
    process.start()
    return Fork(process, said)


def _in(
    said: Path,
    environment: Mapping[str, str],
    function: Callable[..., object],
    arguments: tuple[Any, ...],
) -> None:
    with said.open("wb") as file:
        for stream in (1, 2):
            os.dup2(file.fileno(), stream)
    os.environ.clear()
    os.environ.update(environment)
    function(*arguments)
