"""Load from a process of its own: each connection asks again once it has an answer.

Run as ``python -m benchmarks.serving.load URL BODY TYPE CONNECTIONS SECONDS``, where
BODY is a file; prints JSON.
"""

import asyncio
import json
import sys
from pathlib import Path
from time import perf_counter
from typing import Any, cast
from urllib.parse import urlsplit

WARM_UP = 1.0  # seconds that are not counted


class Connection(asyncio.Protocol):
    """Sends one request again and again.

    Args:
        request: its bytes.
        seconds: receives how long each answer took, with the time when it came.
        faults: receives the first line of each answer that is not 200.
    """

    def __init__(
        self, request: bytes, seconds: list[tuple[float, float]], faults: list[str]
    ) -> None:
        self._request = request
        self._seconds = seconds
        self._faults = faults
        self._received = b""
        self._asked = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._ask()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, found, body = self._received.partition(b"\r\n\r\n")
        if not found:
            return
        lower = head.lower()
        start = lower.index(b"content-length:") + len(b"content-length:")
        length = int(lower[start:].split(b"\r\n", 1)[0])
        if len(body) < length:
            return
        now = perf_counter()
        self._seconds.append((now, now - self._asked))
        if not head.startswith(b"HTTP/1.1 200"):
            self._faults.append(head.split(b"\r\n", 1)[0].decode())
        self._received = body[length:]
        self._ask()

    def _ask(self) -> None:
        self._asked = perf_counter()
        self._transport.write(self._request)


async def load(
    url: str, body: bytes, kind: str, connections: int, seconds: float
) -> dict[str, Any]:
    """Requests a second and their times, without the first second."""
    parts = urlsplit(url)
    head = (
        f"POST {parts.path} HTTP/1.1\r\nHost: {parts.netloc}\r\n"
        f"Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    taken: list[tuple[float, float]] = []
    faults: list[str] = []
    loop = asyncio.get_running_loop()
    transports = []
    for _ in range(connections):
        transport, _ = await loop.create_connection(
            lambda: Connection(head.encode() + body, taken, faults),
            parts.hostname,
            parts.port,
        )
        transports.append(transport)
    begin = perf_counter() + WARM_UP
    await asyncio.sleep(WARM_UP + seconds)
    end = perf_counter()
    for transport in transports:
        transport.abort()
    counted = sorted(one for now, one in taken if begin <= now <= end)
    if not counted or faults:
        raise SystemExit(f"{url}: no answers, or faults: {faults[:3]}")
    return {
        "per_second": len(counted) / (end - begin),
        "p50_ms": 1000 * counted[len(counted) // 2],
        "p99_ms": 1000 * counted[len(counted) * 99 // 100],
        "all": len(taken),
    }


if __name__ == "__main__":
    import uvloop

    url, body, kind, connections, seconds = sys.argv[1:]
    asked = load(url, Path(body).read_bytes(), kind, int(connections), float(seconds))
    print(json.dumps(uvloop.run(asked)))
