"""Pictures from a mapped file against pictures in memory: speed and memory.

    python benchmarks/mapped_cache.py --out docs/results/mapped-cache.md

Writes a cache of made pictures through the package's own functions (4.9 GB, removed at
the end), then draws shuffled batches from it (index, to float32) and in turn from a
tensor of the same shape in memory that is a tenth as large. The first pass over the
file meets each of its pages for the first time in this process; the second does not.

Memory is RssAnon of /proc/self/status: what the process holds for itself. Pages of the
file (RssFile) belong to the system's file cache, which gives them up when memory is
wanted; they are shown beside it.
"""

import argparse
import json
import os
import statistics
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
from torch import Tensor

from convatlas import machine
from convatlas.data.mapped import create_mapped, open_mapped

SHAPE = (3, 64, 128)
BATCH = 256
TURN = 10  # batches from one side, then as many from the other
WRITTEN = 2_000  # pictures a step


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=200_000)
    parser.add_argument("--in-memory", type=int, default=20_000)
    parser.add_argument("--passes", type=int, default=3)
    parser.add_argument("--dir", type=Path, help="where to put the file")
    parser.add_argument("--out", type=Path, help="the page to write")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(dir=given.dir) as folder:
        path = Path(folder) / "made.pixels"
        seconds = _write(path, given.pictures)
        mapped = open_mapped(path, given.pictures, SHAPE)
        found = _measure(mapped, _in_memory(given.in_memory), given.passes)
    found |= {"pictures": given.pictures, "write_seconds": seconds, "load": load}
    text = json.dumps(found) if given.json else _page(found, given.in_memory)
    print(text)
    if given.out:
        given.out.write_text(_page(found, given.in_memory), encoding="utf-8")


def _write(path: Path, count: int) -> float:
    """Random pictures, cheap: one block again and again, each time rolled on."""
    started = time.perf_counter()
    images = create_mapped(path, count, SHAPE)
    block = torch.randint(0, 256, (WRITTEN, *SHAPE), dtype=torch.uint8)
    for start in range(0, count, WRITTEN):
        part = images[start : start + WRITTEN]
        part.copy_(block[: len(part)].add_(1))
    return time.perf_counter() - started


def _in_memory(count: int) -> Tensor:
    return torch.randint(0, 256, (count, *SHAPE), dtype=torch.uint8)


def _measure(mapped: Tensor, memory: Tensor, passes: int) -> dict[str, object]:
    """Rates of both sides, turn by turn, and the memory after each turn."""
    generator = torch.Generator().manual_seed(0)
    own = _batches(memory, generator)
    rows: list[dict[str, float]] = []
    anonymous: list[float] = []
    _turn(own)
    for _ in range(passes):
        from_file = _batches(mapped, generator)
        rates: dict[str, list[float]] = {"file": [], "memory": []}
        for _ in range(len(mapped) // BATCH // TURN):
            rates["file"].append(_turn(from_file))
            rates["memory"].append(_turn(own))
            anonymous.append(_status("RssAnon"))
        middle = {side: statistics.median(found) for side, found in rates.items()}
        turns = zip(rates["file"], rates["memory"], strict=True)
        ratio = statistics.median(a / b for a, b in turns)
        rows.append({**middle, "ratio": ratio})
    return {
        "passes": rows,
        "anonymous_start_mb": anonymous[0],
        "anonymous_growth_mb": max(anonymous) - anonymous[0],
        "file_mb": _status("RssFile"),
    }


def _batches(images: Tensor, generator: torch.Generator) -> Iterator[Tensor]:
    """Shuffled whole batches without end."""
    while True:
        order = torch.randperm(len(images), generator=generator)
        whole = order[: len(order) // BATCH * BATCH]
        for rows in whole.split(BATCH):
            yield images[rows].to(torch.float32)


def _turn(batches: Iterator[Tensor]) -> float:
    """Pictures a second over some batches."""
    started = time.perf_counter()
    for _ in range(TURN):
        next(batches)
    return BATCH * TURN / (time.perf_counter() - started)


def _status(field: str) -> float:
    """Megabytes, as Linux tells them."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) / 1024
    raise SystemExit(f"no {field} in /proc/self/status: this needs Linux")


def _page(found: dict[str, object], in_memory: int) -> str:
    pictures = found["pictures"]
    passes = found["passes"]
    assert isinstance(pictures, int) and isinstance(passes, list)
    size = pictures * SHAPE[0] * SHAPE[1] * SHAPE[2] / 1e9
    lines = [
        "# Pictures from a mapped file",
        "",
        f"{pictures:,} pictures of 64×128 (3 channels, {size:.1f} GB) in a mapped file "
        f"against {in_memory:,} in",
        f"memory: shuffled batches of {BATCH}, indexed and made float32, one thread, "
        f"{TURN} batches of each",
        f"side in turn, medians. {machine.processor()}, load {found['load']:.1f} at "
        f"the start, torch",
        f"{torch.__version__}, {date.today()}.",
        "",
        "    python benchmarks/mapped_cache.py --out docs/results/mapped-cache.md",
        "",
        "| pass over the file | from the file, pictures/s | in memory | ratio |",
        "|---|---|---|---|",
    ]
    for number, row in enumerate(passes, start=1):
        lines.append(
            f"| {number} | {row['file']:,.0f} | {row['memory']:,.0f} | "
            f"**{row['ratio']:.2f}** |"
        )
    lines += [
        "",
        f"The process' own memory (RssAnon: without pages of files) was "
        f"{found['anonymous_start_mb']:,.0f} MB after the first",
        f"batches and grew by at most {found['anonymous_growth_mb']:,.1f} MB over "
        f"{len(passes)} passes. Pages of the file that were mapped at",
        f"the end (RssFile, the system's file cache): {found['file_mb']:,.0f} MB; the "
        "system drops them when memory is",
        "wanted. The file was in the file cache from writing it: what is measured is "
        "the mapping, not the disk.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
