import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(sys.executable).with_name("convatlas")


def told(program: str) -> subprocess.CompletedProcess[str]:
    """A process in which the command does what ``program`` says."""
    around = "import convatlas.cli.script as script\nimport sys\n"
    return subprocess.run(
        [sys.executable, "-c", f"{around}{program}\nscript.run()\nprint('late')"],
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize(
    ("arguments", "status", "word"),
    [(["--version"], 0, "convatlas"), (["shwo"], 2, "show"), (["data"], 0, "mnist")],
)
def test_it_says_and_returns_what_the_module_does(
    arguments: list[str], status: int, word: str
) -> None:
    ends = [
        subprocess.run([*start, *arguments], capture_output=True, text=True)
        for start in ([str(SCRIPT)], [sys.executable, "-m", "convatlas"])
    ]
    for end in ends:
        assert end.returncode == status and word in end.stdout + end.stderr
    assert ends[0].stdout == ends[1].stdout and ends[0].stderr == ends[1].stderr


def test_what_is_registered_for_the_exit_is_done_and_the_rest_left() -> None:
    done = told(
        "import atexit\n"
        "atexit.register(print, 'registered')\n"
        "class Taken:\n    def __del__(self): print('apart', flush=True)\n"
        "kept = Taken()\n"
        "script.main = lambda: (print('main'), sys.exit(3))"
    )
    assert done.returncode == 3
    assert done.stdout.split() == ["main", "registered"] and done.stderr == ""


def test_a_thread_is_waited_for() -> None:
    done = told(
        "import threading, time\n"
        "def work(): time.sleep(.3); print('worked')\n"
        "def main(): threading.Thread(target=work).start(); sys.exit(0)\n"
        "script.main = main"
    )
    assert done.stdout.split() == ["worked"] and done.returncode == 0


def test_a_bug_shows_its_traceback() -> None:
    done = told("def main(): raise ZeroDivisionError\nscript.main = main")
    assert done.returncode == 1 and "ZeroDivisionError" in done.stderr


def test_output_that_nobody_takes_is_no_fault() -> None:
    reading = subprocess.Popen(
        [str(SCRIPT), "networks"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert reading.stdout is not None and reading.stderr is not None
    reading.stdout.close()
    assert reading.stderr.read() == b"" and reading.wait() == 0
    reading.stderr.close()
