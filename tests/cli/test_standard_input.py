import os
import signal
import subprocess
import sys
import time

PROGRAM = (
    "from convatlas.cli.standard_input import lines\n"
    "for line in lines(): print(repr(line), flush=True)\n"
)


def started() -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_lines_of_any_ending_and_length() -> None:
    names = ["a.png", "", "with space.png", "x" * 200_000, "é.png", "last"]
    given = b"a.png\n\r\nwith space.png\r\n" + b"x" * 200_000 + "\né.png\nlast".encode()
    told, _ = started().communicate(given, timeout=60)
    assert [eval(line) for line in told.splitlines()] == names


def test_a_line_is_given_before_the_next_one_comes() -> None:
    process = started()
    assert process.stdin is not None and process.stdout is not None
    for name in ("one", "two"):
        os.write(process.stdin.fileno(), f"{name}\n".encode())
        assert eval(process.stdout.readline()) == name
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_ctrl_c_ends_the_waiting() -> None:
    process = started()
    assert process.stdin is not None and process.stdout is not None
    os.write(process.stdin.fileno(), b"one\n")
    process.stdout.readline()
    began = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.wait(timeout=60)  # the input has no end yet
    assert time.monotonic() - began < 10
    _, errors = process.communicate()
    assert b"KeyboardInterrupt" in errors and b"Fatal" not in errors
