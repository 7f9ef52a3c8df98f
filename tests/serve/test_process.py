import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest


def refused(*arguments: str) -> str:
    """What is said on standard error by a server that cannot start."""
    command = [sys.executable, "-m", "convatlas", "serve", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.stderr


@pytest.mark.parametrize(
    ("signal_sent", "status"), [(signal.SIGTERM, 0), (signal.SIGINT, 130)]
)
def test_a_signal_ends_it_after_what_was_begun(start_server, signal_sent, status):
    with start_server() as server:
        body = (
            b"POST /v1/predict HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n"
        )
        host, port = server.address.removeprefix("http://").rstrip("/").split(":")
        with socket.create_connection((host, int(port)), timeout=20) as connection:
            connection.sendall(body + b"half")
            time.sleep(0.2)
            server.process.send_signal(signal_sent)
            time.sleep(0.2)
            with pytest.raises(httpx.ConnectError):
                httpx.get(server.address)
            connection.sendall(b" done")
            assert connection.recv(1000).startswith(b"HTTP/1.1 415 ")
        assert server.process.wait(20) == status
    assert server.errors == []


def test_it_starts_without_torch_in_little_time_and_memory(start_server) -> None:
    started = time.perf_counter()
    with start_server() as server:
        seconds = time.perf_counter() - started
        assert server.http.get("/readyz").status_code == 200
        picture = Path(__file__).parent / "data" / "digit.png"
        assert server.http.post("/v1/predict", content=picture.read_bytes()).is_success
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        maps = Path(f"/proc/{server.process.pid}/maps").read_text()
    resident = int(status.split("VmRSS:")[1].split()[0]) / 1024
    assert seconds < 10  # on a busy machine; docs/results/serving.md has the figure
    assert resident < 400
    assert "libtorch" not in maps and "onnxruntime" in maps


def test_a_port_in_use_is_told_in_one_line(site) -> None:
    port = site.address.rstrip("/").rpartition(":")[2]
    assert f"--port {port}: cannot listen on 127.0.0.1:{port}" in refused(
        "--port", port
    )


def test_no_run_is_told_in_one_line(tmp_path: Path) -> None:
    assert "is not a run" in refused(str(tmp_path))


def test_beyond_loopback_a_token_is_needed() -> None:
    assert "add --token SECRET" in refused("--host", "0.0.0.0")
