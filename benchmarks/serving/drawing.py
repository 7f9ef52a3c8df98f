"""From the pen to the picture: how soon the page Draw answers, in a real browser.

``python -m benchmarks.serving.drawing`` starts a server and Chromium on this machine,
draws a three again and again, and prints how long after each point the probabilities
and all maps were painted, what part of it the network took, and the first paint.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

# x, y on a sheet of 280 × 280
THREE = [
    *((85, 75), (110, 50), (150, 48), (180, 65), (185, 95), (160, 122), (125, 132)),
    *((160, 140), (190, 165), (190, 200), (165, 228), (125, 232), (85, 212)),
]
WATCH = """() => {
    window.told = [];
    const note = (records) => records.forEach(() => window.told.push(
        document.querySelector(".timing").textContent.match(/\\d+/g).map(Number)));
    new MutationObserver(note).observe(
        document.querySelector(".timing"), { childList: true });
}"""
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


def main() -> None:
    """Parses, draws, prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--threes", type=int, default=10, help="to draw")
    arguments = parser.parse_args()
    server = subprocess.Popen(
        [sys.executable, "-m", "convatlas", "serve", "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        address = server.stdout.readline().split()[3]
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=_chromium(), args=["--no-sandbox"]
            )
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            page.goto(address)
            page.locator(".ribbon-node").nth(7).wait_for()
            first = page.evaluate(PAINT)
            _three(page)  # the first look imports PyTorch
            page.locator(".bar.best").wait_for()
            page.evaluate(WATCH)
            for _ in range(arguments.threes):
                page.locator("button", has=page.locator("svg")).nth(2).click()
                _three(page)
            told = page.evaluate("window.told")
            browser.close()
    finally:
        server.terminate()
        server.wait(30)
    whole, network = zip(*told, strict=True)
    print(f"first paint {first:.0f} ms; load before {os.getloadavg()[0]:.1f}")
    print(f"stroke to picture: {_spread(whole)}; in the network: {_spread(network)}")


def _three(page: Page) -> None:
    box = page.locator("canvas.ink").bounding_box()
    assert box is not None
    for i, (x, y) in enumerate(THREE):
        page.mouse.move(box["x"] + x, box["y"] + y, steps=4)
        if i == 0:
            page.mouse.down()
    page.mouse.up()
    page.wait_for_timeout(500)


def _spread(milliseconds: tuple[int, ...]) -> str:
    ordered = sorted(milliseconds)
    p95 = ordered[int(0.95 * (len(ordered) - 1))]
    middle = statistics.median(ordered)
    return f"median {middle:.0f} ms, 95 % within {p95} ms (n = {len(ordered)})"


def _chromium() -> str:
    found = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if found is None:
        sys.exit("no chromium on PATH; CHROMIUM=/path/to/it names one")
    return str(Path(found))


if __name__ == "__main__":
    main()
