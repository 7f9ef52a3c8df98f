"""``convatlas serve --open``, with a browser that is a program of ours."""

import sys
import time
from pathlib import Path

import pytest

SECONDS = 60

# loads what it is told to, as a browser in the terminal does, then tells of it
BROWSER = """#!{python}
import sys, urllib.request
page = urllib.request.urlopen(sys.argv[1], timeout={seconds}).read().decode()
with open({told!r}, "a") as file:
    print(*sys.argv[1:], "<main" in page, file=file)
"""


@pytest.mark.parametrize("more", [[], ["--token", "open-sesame"]])
def test_the_page_is_opened_once_when_it_is_there(
    start_server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: list[str]
) -> None:
    told = tmp_path / "told"
    browser = tmp_path / "browser"
    browser.write_text(
        BROWSER.format(python=sys.executable, seconds=SECONDS, told=str(told))
    )
    browser.chmod(0o755)
    monkeypatch.setenv("BROWSER", str(browser))
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    with start_server("--open", *more) as own:
        end = time.monotonic() + SECONDS
        while not told.exists() and time.monotonic() < end:
            time.sleep(0.05)
        assert own.http.get("healthz").status_code == 200
    assert told.read_text() == f"{own.link} True\n"
