"""What torchrun says to each process that it starts."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from convatlas.errors import UsageError

NEEDED = ("RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


@dataclass(frozen=True)
class Launch:
    """One of several processes, on one machine or more.

    Attributes:
        rank: of this process, from 0.
        size: number of processes.
        local_rank: among those of this machine.
        local_size: number of processes on this machine.
        attempt: how often the processes were started again after a failure.
        attempts_left: how often they still would be.
    """

    rank: int
    size: int
    local_rank: int
    local_size: int
    attempt: int = 0
    attempts_left: int = 0

    @classmethod
    def found(cls, environment: Mapping[str, str] = os.environ) -> Self | None:
        """From the environment; None in a process that torchrun did not start.

        Raises:
            UsageError: a value is no number.
        """
        if not all(name in environment for name in NEEDED):
            return None

        def number(name: str, default: int) -> int:
            text = environment.get(name, str(default))
            try:
                return int(text)
            except ValueError:
                raise UsageError(
                    f"the environment says {name} = {text!r}, which is no number: "
                    "start with torchrun, or unset it"
                ) from None

        rank, size = number("RANK", 0), number("WORLD_SIZE", 1)
        attempt = number("TORCHELASTIC_RESTART_COUNT", 0)
        return cls(
            rank=rank,
            size=size,
            local_rank=number("LOCAL_RANK", rank),
            local_size=number("LOCAL_WORLD_SIZE", size),
            attempt=attempt,
            attempts_left=number("TORCHELASTIC_MAX_RESTARTS", 0) - attempt,
        )
