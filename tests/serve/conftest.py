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

READY_SECONDS = 60  # machines that run other tests at the same time are slow


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
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=found, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        yield browser
        browser.close()


Visit = Callable[..., "Page"]


@pytest.fixture
def visit(site: RunningServer, chromium: "Browser") -> Iterator[Visit]:
    """Opens the page: ``visit("#/draw", language="zh", theme="dark", width=360)``.

    At the end of the test there must have been no error on any console (but those that
    contain one of ``expected``) and no request to elsewhere.
    """
    contexts, faults, allowed = [], [], []

    def opened(
        place: str,
        *,
        language: str = "en",
        theme: str = "light",
        width: int = 1280,
        expected: Sequence[str] = (),
        **options: object,
    ) -> "Page":
        allowed.extend(expected)
        context = chromium.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=theme,
            locale={"en": "en-GB", "zh": "zh-CN"}[language],
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda m: m.type == "error" and faults.append(m.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: _elsewhere(request.url, site, faults))
        page.goto(site.address + place)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert [one for one in faults if not any(part in one for part in allowed)] == []


def _elsewhere(url: str, site: RunningServer, faults: list[str]) -> None:
    if not url.startswith((site.address, "data:", "blob:")):
        faults.append(f"asked for {url}")
