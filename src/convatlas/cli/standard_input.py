"""Lines from standard input that Ctrl-C ends at once."""

import os
import sys
from collections.abc import Iterator
from queue import Empty, SimpleQueue
from threading import Thread

PATIENCE = 0.2  # seconds until a Ctrl-C is noticed at the latest
CHUNK = 65536  # bytes


def lines() -> Iterator[str]:
    """The lines, without their ends, as names of files are decoded; empty ones too.

    A signal that comes between Python's last look for signals and the call that waits
    for input is noticed when the input goes on, which may be never. So a thread waits
    for the input, and who is to notice signals waits for the thread, a little at a
    time.
    """
    chunks: SimpleQueue[bytes] = SimpleQueue()
    source = sys.stdin.fileno()

    def fill() -> None:
        # not sys.stdin itself: a lock of it could not be taken at the program's end
        while chunk := os.read(source, CHUNK):
            chunks.put(chunk)
        chunks.put(b"")

    Thread(target=fill, daemon=True).start()
    rest = b""
    while True:
        try:
            chunk = chunks.get(timeout=PATIENCE)
        except Empty:
            continue
        if not chunk:
            break
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            yield os.fsdecode(line.removesuffix(b"\r"))
    if rest:  # the last line has no end
        yield os.fsdecode(rest)
