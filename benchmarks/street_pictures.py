"""Street pictures a second that augmentation makes, on one thread.

    python benchmarks/street_pictures.py --out docs/results/street-pictures.md

Random pictures of 128×256 with random boxes become views of 64×128. All settings take
turns, so a neighbour on the same machine disturbs all alike; figures are medians. The
loop to compare with does the same changes with PIL and torchvision, picture by picture,
on pictures that are already decoded.
"""

import argparse
import datetime
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from PIL import Image
from torchvision.transforms import v2

from convatlas.data.street import FINDING, READING, StreetCrops, crop, whole
from convatlas.data.street_geometry import union
from convatlas.machine import processor
from convatlas.training.speed.memory import keep_freed_memory

BATCH, SIZE, CANVAS = 256, (64, 128), (128, 256)
LIGHT = {"brightness": 0.0, "contrast": 0.0, "saturation": 0.0, "tint": 0.0}
REST = {"inverted": 0.0, "blur": 0.0, "coarse": 0.0, "grain": 0.0}
WINDOWS = replace(READING, **LIGHT, **REST)
OF_LOOP = 32  # pictures that the loop makes in its turn

Make = Callable[[], object]


def batch(generator: torch.Generator) -> tuple[torch.Tensor, ...]:
    """Pictures, boxes of one to three digits, sizes."""
    shape = (BATCH, 3, *CANVAS)
    images = torch.randint(0, 256, shape, dtype=torch.uint8, generator=generator)
    places = torch.rand(BATCH, 4, generator=generator)
    lengths = torch.randint(1, 4, (BATCH,), generator=generator)
    width, height = 0.05 + places[:, 2] * 0.1, 0.2 + places[:, 3] * 0.3
    boxes = torch.full((BATCH, 5, 4), torch.nan)
    for place in range(3):
        left = places[:, 0] * 0.5 + place * width
        top = places[:, 1] * 0.4
        box = torch.stack([left, top, left + width, top + height], dim=1)
        boxes[lengths > place, place] = box[lengths > place]
    return images, boxes, torch.tensor([CANVAS]).repeat(BATCH, 1)


def one_by_one(images: torch.Tensor, boxes: torch.Tensor) -> Make:
    """The same changes by torchvision's transforms on PIL pictures."""
    pictures = [v2.functional.to_pil_image(image) for image in images[:OF_LOOP]]
    scale = torch.tensor([CANVAS[1], CANVAS[0]] * 2)
    edges = (union(boxes)[:OF_LOOP] * scale).tolist()
    light = v2.Compose(
        [
            v2.RandomAffine(8, shear=8, interpolation=v2.InterpolationMode.BILINEAR),
            v2.Resize(SIZE),
            v2.RandomApply([v2.GaussianBlur(5, (0.3, 1.2))], 0.3),
            v2.ColorJitter(0.3, 0.3, 0.5),
            v2.RandomInvert(0.15),
            v2.PILToTensor(),
            v2.ToDtype(torch.float32, scale=True),
            v2.RandomApply([v2.GaussianNoise(sigma=0.025)], 0.5),
        ]
    )

    def loop() -> None:
        for picture, (left, top, right, bottom) in zip(pictures, edges, strict=True):
            across, down = right - left, bottom - top
            margin = [float(m) for m in torch.rand(4) * 0.48 - 0.03]
            window = (
                max(left - margin[0] * across, 0),
                max(top - margin[1] * down, 0),
                min(right + margin[2] * across, CANVAS[1]),
                min(bottom + margin[3] * down, CANVAS[0]),
            )
            light(picture.crop(tuple(map(round, window))).convert("RGB"))

    return loop


def settings() -> dict[str, tuple[Make, int]]:
    """By name: what makes a batch, and how many pictures that is."""
    generator = torch.Generator().manual_seed(0)
    images, boxes, sizes = batch(generator)

    def views(crops: StreetCrops, size: tuple[int, int] = SIZE) -> tuple[Make, int]:
        return lambda: crops(images, boxes, sizes, generator, size), BATCH

    return {
        "true crops": (lambda: crop(images, boxes, SIZE), BATCH),
        "whole pictures": (lambda: whole(images, boxes, SIZE), BATCH),
        "random windows, turned and slanted": views(WINDOWS),
        "the same and blur (30 %)": views(replace(WINDOWS, blur=0.3)),
        "the same and grain (all at once)": views(
            replace(WINDOWS, blur=0.3, grain=0.5)
        ),
        "all: for reading": views(READING),
        "all: for finding": views(FINDING),
        "all: for reading, 40×96": views(READING, (40, 96)),
        "one by one, PIL and torchvision": (one_by_one(images, boxes), OF_LOOP),
    }


def measured(rounds: int) -> dict[str, float]:
    """Median pictures per second of each setting."""
    made = settings()
    seconds: dict[str, list[float]] = {name: [] for name in made}
    for make, _ in made.values():
        make()
    for _ in range(rounds):
        for name, (make, _) in made.items():
            start = time.perf_counter()
            make()
            seconds[name].append(time.perf_counter() - start)
    return {
        name: count / statistics.median(seconds[name])
        for name, (_, count) in made.items()
    }


def page(rates: dict[str, float], command: str, load: float) -> str:
    """The result as Markdown."""
    loop = rates["one by one, PIL and torchvision"]
    rows = [
        f"| {name} | {rate:,.0f} | {rate / loop:.1f}× |" for name, rate in rates.items()
    ]
    return "\n".join(
        [
            "# Street pictures a second, one thread",
            "",
            "Views of 64×128 out of pictures of 128×256, decoded before, batches of "
            f"{BATCH}.",
            f"{processor()}, load {load:.1f} at the start, torch {torch.__version__},",
            f"Pillow {Image.__version__}, {datetime.date.today()}.",
            "",
            f"    {command}",
            "",
            "| what | pictures/s | to one by one |",
            "|---|---|---|",
            *rows,
            "",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=25)
    parser.add_argument("--out", type=Path)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    keep_freed_memory()  # as training does
    load = os.getloadavg()[0]
    command = f"python benchmarks/street_pictures.py --rounds {chosen.rounds}"
    if chosen.out:
        command += f" --out {chosen.out}"
    text = page(measured(chosen.rounds), command, load)
    print(text)
    if chosen.out:
        chosen.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
