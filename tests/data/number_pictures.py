"""Small made pictures of house numbers, in the contest's layout and as files."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

Entry = dict[str, list[float]]


def draw(path: Path, number: str, *, size: tuple[int, int] = (60, 30)) -> Entry:
    """Writes a picture (width, height) with a number on a ground of its own; the entry
    of the contest's JSON for it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # the ground differs from picture to picture, so that no two files are alike
    seed = np.frombuffer(path.name.encode().ljust(16), np.uint32)
    ground = np.random.RandomState(seed).randint(0, 160, (4, 6, 3)).astype(np.uint8)
    image = Image.fromarray(ground).resize(size, Image.Resampling.BILINEAR)
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(14)
    entry: Entry = {k: [] for k in ("height", "label", "left", "top", "width")}
    left = 8.0
    for digit in number:
        pen.text((left, 6), digit, font=font, fill=(255, 255, 255))
        box = pen.textbbox((left, 6), digit, font=font)
        entry["label"].append(int(digit))
        entry["left"].append(box[0])
        entry["top"].append(box[1])
        entry["width"].append(box[2] - box[0])
        entry["height"].append(box[3] - box[1])
        left = box[2] + 1
    image.save(path)
    return entry


def contest(folder: Path, part: str, numbers: dict[str, str]) -> dict[str, Entry]:
    """A folder of pictures and its JSON; the entries by name."""
    entries = {name: draw(folder / part / name, n) for name, n in numbers.items()}
    write_json(folder, part, entries)
    return entries


def write_json(folder: Path, part: str, entries: dict[str, Any]) -> None:
    (folder / f"{part}.json").write_text(json.dumps(entries))
