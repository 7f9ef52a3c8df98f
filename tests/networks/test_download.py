"""Downloads from a server that runs here."""

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from convatlas.errors import NetworkError
from convatlas.networks.download import download


class Served(NamedTuple):
    """A folder, the address at which it is served, the requests so far."""

    folder: Path
    address: str
    requests: list[str]


class Quiet(SimpleHTTPRequestHandler):
    """Notes requests down instead of printing them."""

    requests: list[str]

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        self.requests.append(self.path)

    def log_error(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    folder = tmp_path / "served"
    folder.mkdir()
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "cache"))
    handler = type("Handler", (Quiet,), {"requests": []})
    http = ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(handler, directory=str(folder))
    )
    thread = threading.Thread(target=http.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield Served(folder, f"http://127.0.0.1:{http.server_port}", handler.requests)
    http.shutdown()
    thread.join()
    http.server_close()


def test_fetches_once(served: Served) -> None:
    content = bytes(range(256)) * 9000
    name = f"net-{hashlib.sha256(content).hexdigest()[:8]}.pth"
    (served.folder / name).write_bytes(content)
    for _ in range(2):
        assert download(f"{served.address}/{name}").read_bytes() == content
    assert served.requests == [f"/{name}"]


def test_a_damaged_file_is_not_kept(served: Served, tmp_path: Path) -> None:
    (served.folder / "net-0123abcd.pth").write_bytes(b"half a file")
    with pytest.raises(NetworkError) as error:
        download(f"{served.address}/net-0123abcd.pth")
    digest = hashlib.sha256(b"half a file").hexdigest()[:8]
    assert str(error.value) == (
        f"{served.address}/net-0123abcd.pth is damaged: its SHA-256 begins with "
        f"{digest}; try again"
    )
    assert list((tmp_path / "cache" / "hub" / "checkpoints").iterdir()) == []


def test_a_missing_file_says_what_to_do(served: Served, tmp_path: Path) -> None:
    folder = tmp_path / "cache" / "hub" / "checkpoints"
    with pytest.raises(NetworkError) as error:
        download(f"{served.address}/net-0123abcd.pth")
    assert str(error.value) == (
        f"{served.address}/net-0123abcd.pth could not be downloaded (HTTP Error 404: "
        "File not found); fetch net-0123abcd.pth elsewhere and give its path, or put "
        f"it into {folder}"
    )
    assert list(folder.iterdir()) == []
