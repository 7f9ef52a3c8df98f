"""The terminal: finds the command, runs it, turns faults into one line and status 2.

Only the command that was asked for is imported, so that help is instant. A command
lives in the module of its name and offers ``app``, a cyclopts ``App`` made by
``convatlas.cli.command.new_app``.
"""

import atexit
import contextlib
import errno
import gc
import os
import sys
from importlib import import_module

# command: what it does, by the person who needs it
COMMANDS = {
    "Look": {
        "data": "list the data sets, draw samples of one",
        "networks": "list the networks of the atlas",
        "show": "every layer of a network: shapes, parameters, MACs, receptive field",
        "compare-networks": "networks side by side: where parameters and MACs sit",
        "field": "what a unit sees, drawn on a picture: in theory and in effect",
        "explain": "feature maps, filters and arithmetic of a network on your pictures",
    },
    "Train": {
        "train": "train a network; leaves a run directory behind",
        "lr-find": "find a learning rate by raising it until the loss explodes",
        "evaluate": "accuracy, confusion, mistakes of a run: figures and pictures",
        "runs": "list the runs",
        "recipes": "list the shipped recipes, print one",
        "search-recipe": "search a recipe for a network on the validation split",
    },
    "Use": {
        "read": "read the house numbers in your pictures",
        "predict": "classify pictures with a run",
        "submit": "read a contest's test pictures; write its submission",
        "export": "write a run as an ONNX file, or two as a reader of house numbers",
        "serve": "a page to draw on, look inside and read with; the API under it",
    },
}

USAGE = "Usage: convatlas COMMAND [ARGUMENTS]    ('convatlas COMMAND --help' teaches)"


# How long an OpenMP thread spins at a barrier before it sleeps. With the library's own
# value a training on two cores falls from 21,000 to 1,000 images/s as soon as another
# program wants one of them; with this one to 5,200, for 6 % less when nobody does
# (lenet5-tanh, batch 256, two cores of a Xeon with AMX, medians of 2 and 3 runs).
SPINS = ("GOMP_SPINCOUNT", "10000")

# objects that a command and torch make when they are imported
IMPORTED = 500_000

# What the system says when there is no room or no way to write.
CANNOT_WRITE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS)
# What it says of a path that is not ours, or can be none.
NOT_OURS = (errno.EACCES, errno.EPERM, errno.ENAMETOOLONG)


def main(arguments: list[str] | None = None) -> None:
    """Runs one command and exits: 0 done, 1 bug, 2 the user's fault, 130 Ctrl-C."""
    given = sys.argv[1:] if arguments is None else arguments
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault(*SPINS)
    try:
        status = _dispatch(given)
        _flush()
    except BrokenPipeError:  # the reader of our output went away, e.g. head
        _leave_output()
        status = 0
    except OSError as error:
        named = error.filename is not None and error.errno in NOT_OURS
        if error.errno is None or not (named or error.errno in CANNOT_WRITE):
            raise
        place = error.filename or "standard output"
        _leave_output()
        _complain(f"{place}: {os.strerror(error.errno).lower()}")
        status = 2
    except KeyboardInterrupt:
        _complain("stopped")
        status = 130
    sys.exit(status)


def _start_quickly() -> None:
    """Looks for garbage neither while modules are imported, which leave none, nor at
    the exit: going through all of torch takes .1 s of the first and .4 s of the last.
    """
    usual = gc.get_threshold()
    if usual[0] >= IMPORTED or not gc.isenabled():
        return
    gc.set_threshold(IMPORTED, *usual[1:])

    def imported(phase: str, info: dict[str, int]) -> None:
        gc.callbacks.remove(imported)
        gc.set_threshold(*usual)

    gc.callbacks.append(imported)
    atexit.unregister(gc.freeze)
    atexit.register(gc.freeze)


def _flush() -> None:
    if sys.stdout is not None:  # None where it was closed: >&-
        sys.stdout.flush()


def _leave_output() -> None:
    """What cannot be written is dropped, or Python would try again at its exit."""
    try:
        _flush()
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(message: str) -> None:
    with contextlib.suppress(OSError):  # where errors cannot be written, either
        print(f"convatlas: {message}", file=sys.stderr)


def _dispatch(given: list[str]) -> int:
    if not given or given[0] in ("--help", "-h", "help"):
        print(overview())
        return 0
    if given[0] == "--version":
        from importlib.metadata import version

        print(f"convatlas {version('convatlas')}")
        return 0
    from convatlas.errors import ConvatlasError, SaidElsewhere, UnknownName, UsageError
    from convatlas.launch import Launch

    known = [name for group in COMMANDS.values() for name in group]
    try:
        if given[0] not in known:
            raise UnknownName("command", given[0], known, "'convatlas --help'")
        launch = Launch.found()
        if launch is not None and launch.size > 1 and given[0] != "train":
            raise UsageError(
                f"'convatlas {given[0]}' is for one process: start it without "
                "torchrun, which only 'train' makes use of"
            )
        _start_quickly()
        module = import_module(f"convatlas.cli.{given[0].replace('-', '_')}")
        from convatlas.cli.command import run

        return run(module.app, given[1:])
    except SaidElsewhere:
        return 2
    except ConvatlasError as error:
        # all processes of a machine have the same arguments: the first one speaks
        if isinstance(error, UsageError) and os.environ.get("LOCAL_RANK", "0") != "0":
            return 2
        _complain(str(error))
        return 2


def overview() -> str:
    """The text of ``convatlas --help``."""
    lines = ["The classic convolutional networks, made real.", "", USAGE]
    for group, commands in COMMANDS.items():
        lines += ["", f"{group}:"]
        lines += [f"  {name:<18}{what}" for name, what in commands.items()]
    return "\n".join(lines)
