"""A command of the terminal, run inside the test's process."""

from pathlib import Path

import pytest

from convatlas.cli import main


def status(*arguments: str | Path) -> int:
    """The status that a command exits with."""
    with pytest.raises(SystemExit) as ended:
        main([str(one) for one in arguments])
    return int(ended.value.code or 0)
