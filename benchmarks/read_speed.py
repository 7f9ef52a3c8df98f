"""Milliseconds from a picture's bytes to its number, one at a time, on one core.

    python benchmarks/read_speed.py                  # the reader of the package
    python benchmarks/read_speed.py --reader FOLDER  # another one
    python benchmarks/read_speed.py --folder PHOTOS  # your own pictures

What a network answers plays no part in its time, so an untrained reader will do. The
pictures, unless a folder is named, are noise saved as JPEG, each in every size.
"""

import argparse
import io
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter, process_time

import numpy as np
from PIL import Image

from convatlas import machine
from convatlas.picture_files import upright
from convatlas.picture_names import find_pictures
from convatlas.reading.bundle import load_bundle, shipped_bundle
from convatlas.reading.reader import Reader

SIZES = ((100, 50), (320, 160), (1280, 960))  # width, height; SVHN's median is near 100
STEPS = ("decode", "find", "cut out", "read")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--reader", type=Path)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--repeats", type=int, default=100)
    chosen = parser.parse_args()
    bundle = load_bundle(chosen.reader) if chosen.reader else shipped_bundle()
    started = perf_counter()
    reader = bundle.open(threads=1)
    print(f"{machine.processor()}, one thread; {bundle.folder.name}")
    print(f"opened in {1000 * (perf_counter() - started):.0f} ms; {bundle.looks}")
    print(f"{'pictures':<12} {'total':>7} {'p90':>7}  " + "".join(map(_cell, STEPS)))
    for name, pictures in _pictures(chosen.folder).items():
        rows = np.array(
            [
                _timed(reader, pictures[turn % len(pictures)])
                for turn in range(chosen.repeats + 5)
            ][5:]
        )
        whole = rows.sum(axis=1).tolist()
        steps = "".join(_cell(f"{median(step):.2f}") for step in rows.T.tolist())
        worst = quantiles(whole, n=10)[-1]
        print(f"{name:<12} {median(whole):>7.2f} {worst:>7.2f}  {steps}")
    print("milliseconds of processor time, medians")


def _timed(reader: Reader, picture: bytes) -> list[float]:
    """Milliseconds of each step."""
    marks = [process_time()]
    image = upright(picture)
    marks.append(process_time())
    boxes = reader.boxes(image)
    marks.append(process_time())
    views = reader.views(image, boxes)
    marks.append(process_time())
    reader.tell(views, None)
    marks.append(process_time())
    return [1000 * (b - a) for a, b in zip(marks, marks[1:], strict=False)]


def _pictures(folder: Path | None) -> dict[str, list[bytes]]:
    if folder is not None:
        files = find_pictures([folder])[:1000]
        return {folder.name: [file.read_bytes() for file in files]}
    random = np.random.default_rng(0)
    made = {}
    for width, height in SIZES:
        coarse = random.integers(0, 256, (8, 16, 3)).astype(np.uint8)
        image = Image.fromarray(coarse).resize((width, height))
        file = io.BytesIO()
        image.save(file, "JPEG", quality=90)
        made[f"{width}×{height}"] = [file.getvalue()]
    return made


def _cell(text: str) -> str:
    return f"{text:>9}"


if __name__ == "__main__":
    main()
