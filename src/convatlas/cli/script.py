"""The installed command ``convatlas``; ``python -m convatlas`` is the same without
the quick exit, which would leave debuggers and profilers nothing to do.
"""

import atexit
import os
import sys
import threading
from contextlib import suppress

from convatlas.cli import main


def run() -> None:
    """Runs one command and ends the process with its status.

    What is in memory is left to the system: Python and torch would take it apart
    piece by piece, .13 s of every command. All that was registered for the exit is
    done before; threads that have to be waited for are waited for.
    """
    try:
        main()
    except SystemExit as end:
        others = (t for t in threading.enumerate() if t is not threading.main_thread())
        if not isinstance(end.code, int) or not all(t.daemon for t in others):
            raise
        atexit._run_exitfuncs()
        for stream in (sys.stdout, sys.stderr):
            with suppress(AttributeError, OSError, ValueError):  # none, full, closed
                stream.flush()
        os._exit(end.code)
