"""One thread, a small trained run, and a server on this machine that can misbehave."""

import gc
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Small networks gain nothing from a second thread, and on a machine with busy
# neighbours two threads wait for each other: some tests took thirty times as long.
os.environ["OMP_NUM_THREADS"] = "1"
os.environ.pop("COLUMNS", None)  # what runs tests in parallel sets it

import pytest
from xdist.scheduler import LoadScopeScheduling

if TYPE_CHECKING:
    from convatlas.runs import Run


# A shell that runs the tests in its background has them ignore Ctrl-C, and what they
# start would ignore it, too.
signal.signal(signal.SIGINT, signal.default_int_handler)


class ByFile(LoadScopeScheduling):
    """Tests of a file stay in one process, those in a browser all together.

    What they share is then made once; the largest groups begin.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "browser" if "serve/test_page" in file else file


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """What is imported now stays: looking through it for garbage took a fifth, and
    looking as often as usual through what tests make another tenth."""
    gc.disable()
    found = yield
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    gc.enable()
    return found


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """No bytes in names: packed files hold the second in which they were packed, and
    processes that collect in different seconds would not agree."""
    return argname if isinstance(val, bytes) else None


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    return ByFile(config, log)


@pytest.fixture(scope="session")
def trained_run(tmp_path_factory: pytest.TempPathFactory) -> "Run":
    """lenet5-tanh after three epochs on digits-5k; not to be changed by a test."""
    # not above: what starts the processes of the tests would wait for torch
    from convatlas.recipe import Recipe
    from convatlas.verbs.train import train

    quick = Recipe(epochs=3, batch_size=64, lr=5e-3, weight_decay=0.01)
    path: Path = tmp_path_factory.mktemp("runs") / "lenet"
    return train("lenet5-tanh", "digits-5k", recipe=quick, device="cpu", out=path).run


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures without pictures: these take the most time and have their own tests."""
    from convatlas.verbs import evaluate

    monkeypatch.setattr(evaluate, "draw_classes", lambda *given: ())


@pytest.fixture
def full_disk() -> Callable[[int], AbstractContextManager[None]]:
    """A disk on which no file can have more bytes than that."""
    resource = pytest.importorskip("resource")

    @contextmanager
    def full(after: int) -> Iterator[None]:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (after, before[1]))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return full


@dataclass
class Server:
    """What a server gives out, how it misbehaves, and what it was asked for."""

    url: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    cut_after: dict[str, int] = field(default_factory=dict)  # bytes, once
    ranges: bool = True
    asked: list[tuple[str, str | None]] = field(default_factory=list)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    state = Server()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            state.asked.append((self.path, wanted))
            content = state.files.get(self.path)
            if content is None:
                self.send_error(404)
                return
            start = 0
            if wanted and state.ranges:
                start = int(wanted.removeprefix("bytes=").removesuffix("-"))
                if start >= len(content):
                    self.send_error(416)
                    return
            self.send_response(206 if start else 200)
            self.send_header("Content-Length", str(len(content) - start))
            self.end_headers()
            stop = state.cut_after.pop(self.path, len(content))
            self.wfile.write(content[start:stop])

        def log_message(self, *args: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, args=(0.01,))
    thread.start()
    state.url = f"http://127.0.0.1:{http.server_port}"
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    yield state
    http.shutdown()
    thread.join()
    http.server_close()
