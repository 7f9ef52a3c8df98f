import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from convatlas.serve.subjects import BUILT_IN_RUN

IN_FLIGHT = "convatlas_requests_in_flight 2.0"  # one, and the one that asks


def refused(*arguments: str) -> str:
    """What is said on standard error by a server that cannot start."""
    command = [sys.executable, "-m", "convatlas", "serve", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 2 and done.stdout == ""
    assert done.stderr.count("\n") == 1
    return done.stderr


def until(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def unreachable(address: str) -> bool:
    try:
        httpx.get(address)
    except httpx.ConnectError:
        return True
    except httpx.TransportError:  # came while the door was closing
        return False
    return False


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
            until(lambda: IN_FLIGHT in server.http.get("/metrics").text)
            server.process.send_signal(signal_sent)
            until(lambda: unreachable(server.address))
            connection.sendall(b" done")
            assert connection.recv(1000).startswith(b"HTTP/1.1 415 ")
        assert server.process.wait(60) == status
    assert server.errors == []


def test_it_starts_without_torch_in_little_time_and_memory(start_server) -> None:
    with start_server() as server:
        fields = Path(f"/proc/{server.process.pid}/stat").read_text().split()
        seconds = sum(map(int, fields[13:15])) / os.sysconf("SC_CLK_TCK")
        assert server.http.get("/readyz").status_code == 200
        picture = Path(__file__).parent / "data" / "digit.png"
        assert server.http.post("/v1/predict", content=picture.read_bytes()).is_success
        status = Path(f"/proc/{server.process.pid}/status").read_text()
        maps = Path(f"/proc/{server.process.pid}/maps").read_text()
    resident = int(status.split("VmRSS:")[1].split()[0]) / 1024
    assert seconds < 2.5  # of a processor, which no busy machine makes longer
    assert resident < 400
    assert "libtorch" not in maps and "onnxruntime" in maps


def test_a_port_in_use_is_told_in_one_line(site) -> None:
    port = site.address.rstrip("/").rpartition(":")[2]
    assert f"--port {port}: cannot listen on 127.0.0.1:{port}" in refused(
        "--port", port
    )


def test_no_run_is_told_in_one_line(tmp_path: Path) -> None:
    assert "is not a run" in refused(str(tmp_path))


@pytest.mark.parametrize("name", ["run.json", "best.safetensors", "test.json"])
def test_a_damaged_run_is_told_in_one_line(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    shutil.copytree(BUILT_IN_RUN, folder)
    (folder / name).write_bytes(b"{")
    assert f"{folder / name}: is damaged" in refused(str(folder))


def test_without_the_extra_it_says_how_to_install_it() -> None:
    program = (
        "import sys; sys.modules['fastapi'] = None; from importlib import util; "
        "found = util.find_spec; "
        "util.find_spec = lambda name: None if name == 'fastapi' else found(name); "
        "from convatlas.cli import main; main(['serve'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 2
    assert "pip install 'convatlas[serve]'" in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--token", "short"), "--token: at least 8"),
        (("--port", "70000"), "--port 70000: 1 to 65535"),
        (("--max-mb", "0"), "--max-mb 0: must be more than 0"),
        (("--max-megapixels", "nan"), "--max-megapixels nan: must be more than 0"),
        (("--queue", "0"), "--queue 0: must be 1 or more"),
        (("--rate", "-1"), "--rate -1: requests a second"),
        (("--host", "192.0.2.1", "--token", "12345678"), "is no address of this"),
        (("--host", "no.such.host.invalid", "--token", "12345678"), "no.such.host"),
    ],
)
def test_values_that_cannot_be_used_are_told(arguments, said: str) -> None:
    assert said in refused(*arguments)


def test_beyond_loopback_a_token_is_needed() -> None:
    assert "add --token SECRET" in refused("--host", "0.0.0.0")
