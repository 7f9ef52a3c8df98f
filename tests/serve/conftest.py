"""A real server in a child process on loopback, one for all tests of a process."""

import contextlib
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from tests.serve.windows import Windows

READY_SECONDS = 120  # machines that run other tests at the same time are slow


@dataclass
class RunningServer:
    """A server that answers.

    Attributes:
        process: its own.
        address: of its page, ending in ``/``.
        link: what it printed, with the token where it has one.
        http: a client of it.
        errors: lines of its standard error so far.
    """

    process: "subprocess.Popen[str]"
    address: str
    link: str
    http: httpx.Client
    errors: list[str]


StartServer = Callable[..., "contextlib.AbstractContextManager[RunningServer]"]


@contextlib.contextmanager
def running(*arguments: str, program: str | None = None) -> Iterator[RunningServer]:
    start = ["-m", "convatlas", "serve", "--port", "0"] if program is None else []
    command = [sys.executable, *start, *(("-c", program) if program else arguments)]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None and process.stderr is not None
    errors: list[str] = []
    # a full pipe would stop the server
    listening = threading.Thread(target=errors.extend, args=(process.stderr,))
    listening.start()
    timer = threading.Timer(READY_SECONDS, process.kill)
    timer.start()
    try:
        line = process.stdout.readline()
        timer.cancel()
        assert line.startswith("convatlas serves on http"), errors
        link = line.split()[3]
        address = link.partition("?")[0]
        with httpx.Client(base_url=address, timeout=60) as http:
            yield RunningServer(process, address, link, http, errors)
    finally:
        timer.cancel()
        if process.poll() is None:
            process.terminate()
        process.wait(60)
        process.stdout.close()
        listening.join(10)
        process.stderr.close()


@pytest.fixture(scope="session")
def start_server() -> StartServer:
    """Starts servers of one's own: ``with start_server("--allow-train") as own:``.

    With ``program``: one that is started in an unusual way.
    """
    return running


@pytest.fixture(scope="session")
def site() -> Iterator[RunningServer]:
    """The server that tests share: nothing but what came with the package."""
    with running() as one:
        yield one


@pytest.fixture(scope="session")
def chromium() -> "Iterator[Browser]":
    """A browser for all tests of a process, without a window."""
    found = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if found is None:
        pytest.skip("no chromium on PATH, and CHROMIUM names none")
    playwright = pytest.importorskip("playwright.sync_api")
    playwright.expect.set_options(timeout=1000 * READY_SECONDS // 2)
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def windows(chromium: "Browser") -> "Windows":
    from tests.serve.windows import Windows

    return Windows(chromium)


Visit = Callable[..., "Page"]


@pytest.fixture
def visit(site: RunningServer, windows: "Windows") -> Iterator[Visit]:
    """Opens the page: ``visit("#/draw", language="zh", theme="dark", width=360)``.

    With ``kept`` it is not loaded again when an earlier test did so: for views whose
    state is all in their address. At the end of the test there must have been no error
    on any console (but those that contain one of ``expected``) and no request to
    elsewhere.
    """
    from tests.serve.windows import light, shown_anew

    faults: list[str] = []
    allowed: list[str] = []
    pages: list[Page] = []
    listeners: dict[str, Callable[..., None]] = {
        "console": lambda m: faults.append(m.text) if m.type == "error" else None,
        "pageerror": lambda error: faults.append(str(error)),
        "request": lambda request: _elsewhere(request.url, site, faults),
    }

    def opened(
        place: str,
        *,
        language: str = "en",
        theme: str = "light",
        width: int = 1280,
        kept: bool = False,
        motion: str = "no-preference",
        permissions: Sequence[str] = (),
        expected: Sequence[str] = (),
    ) -> "Page":
        allowed.extend(expected)
        page = windows.page(language, kept=kept)
        if page not in pages:
            pages.append(page)
            for event, told in listeners.items():
                page.on(event, told)
        page.set_viewport_size({"width": width, "height": 900})
        light(page, theme)
        page.emulate_media(reduced_motion=motion)
        page.context.grant_permissions(list(permissions))
        with shown_anew(page):
            if page.evaluate("location.href") == site.address + place:
                page.reload()
            else:
                page.goto(site.address + place)
        return page

    yield opened
    for page in pages:
        for event, told in listeners.items():
            page.remove_listener(event, told)
        windows.leave(page)
    assert [one for one in faults if not any(part in one for part in allowed)] == []


def _elsewhere(url: str, site: RunningServer, faults: list[str]) -> None:
    if not url.startswith((site.address, "data:", "blob:")):
        faults.append(f"asked for {url}")


@pytest.fixture(scope="session")
def looks(windows: "Windows") -> "Callable[[Page], Iterator[tuple[str, str, int]]]":
    """``for language, theme, width in looks(page)``: all on one page."""
    from tests.serve.windows import looks

    return looks
