"""How long one look takes: a whole request to ``/v1/explain``, one after the other.

Run as ``python -m benchmarks.serving.looking [--requests N]``: starts a server of its
own on loopback and prints the median and the 95th percentile for LeNet-5 and for VGG-16
at 224×224. Goals when nothing else runs: LeNet-5 within 50 ms, VGG-16 within a second.
"""

import argparse
import statistics
import subprocess
import sys
from io import BytesIO
from time import perf_counter

import httpx
import numpy as np
from PIL import Image, ImageDraw

from convatlas.machine import processor

# what is asked, with how many of the requests
LOOKS = (
    ("lenet5, all layers", "lenet5", 1.0),
    ("lenet5, Grad-CAM", "lenet5/heat", 1.0),
    ("vgg16 at 224, all layers", "network:vgg16", 0.1),
)


def drawing(side: int = 280) -> bytes:
    """A digit as one draws it on the page: dark strokes on white."""
    image = Image.new("L", (side, side), 255)
    pen = ImageDraw.Draw(image)
    pen.arc((90, 40, 190, 140), 200, 90, fill=0, width=18)
    pen.arc((90, 130, 190, 240), -90, 160, fill=0, width=18)
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def seconds_of(
    http: httpx.Client, what: str, picture: bytes, count: int
) -> list[float]:
    """Of each of some requests, after two that are not counted."""
    run, _, heat = what.partition("/")
    address = f"/v1/explain/heat?run={run}" if heat else f"/v1/explain?run={run}"
    taken = []
    for _ in range(count + 2):
        started = perf_counter()
        answer = http.post(address, content=picture)
        taken.append(perf_counter() - started)
        answer.raise_for_status()
    return taken[2:]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=200)
    count = parser.parse_args().requests
    command = [sys.executable, "-m", "convatlas", "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            address = server.stdout.readline().split()[3]
            print(f"{processor()}, httpx on loopback, one request at a time")
            with httpx.Client(base_url=address, timeout=120) as http:
                for title, what, share in LOOKS:
                    times = seconds_of(
                        http, what, drawing(), max(2, int(count * share))
                    )
                    worst = float(np.quantile(times, 0.95))
                    print(
                        f"{title}: median {1000 * statistics.median(times):.1f} ms, "
                        f"95 % within {1000 * worst:.1f} ms, n = {len(times)}"
                    )
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
