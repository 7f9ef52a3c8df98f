"""Measures servers under load, in turn, and writes the page."""

import argparse
import base64
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.own_process import ROOT, command_line, conditions
from benchmarks.serving.page import BARE, LIT, OURS, page
from benchmarks.serving.side import Side, running

PNG, JSON = "image/png", "application/json"
SIDES = (
    Side(
        OURS,
        ("-m", "convatlas", "serve", "--port", "PORT"),
        "/readyz",
        "/v1/predict",
        PNG,
    ),
    Side(BARE, ("-m", "benchmarks.serving.bare", "PORT"), "/health", "/decode", PNG),
    Side(LIT, ("-m", "benchmarks.serving.lit", "PORT"), "/health", "/predict", JSON),
)
PICTURE = ROOT / "tests" / "serve" / "data" / "digit.png"


def main() -> None:
    """Parses, measures, writes."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.serving", description=__doc__
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=8, help="of load, each time")
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--out", type=Path, help="page to write, .md")
    arguments = parser.parse_args()
    began = os.getloadavg()[0]
    sides = [side for side in SIDES if side.name != LIT or find_spec("litserve")]
    rounds = []
    for number in range(arguments.rounds):
        rounds.append(
            {
                side.name: measured(side, arguments.connections, arguments.seconds)
                for side in sides
            }
        )
        print(f"round {number + 1} of {arguments.rounds}", file=sys.stderr, flush=True)
    text = page(
        rounds,
        connections=arguments.connections,
        conditions=conditions(os.cpu_count() or 1, began),
        command=command_line("benchmarks.serving"),
    )
    print(text)
    if arguments.out:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(text)


def measured(side: Side, connections: int, seconds: float) -> Mapping[str, Any]:
    """What one server reaches, alone on the machine but for who asks it."""
    with tempfile.NamedTemporaryFile() as file, running(side) as server:
        file.write(body(side.kind))
        file.flush()
        before = server.processor_seconds()
        done = subprocess.run(
            [
                *(sys.executable, "-m", "benchmarks.serving.load"),
                *(server.address + side.path, file.name, side.kind),
                *(str(connections), str(seconds)),
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        found: dict[str, Any] = json.loads(done.stdout)
        used = server.processor_seconds() - before
        return {
            **found,
            "processor_us": 1e6 * used / found["all"],
            "megabytes": server.megabytes(),
            "ready_seconds": server.ready_seconds,
        }


def body(kind: str) -> bytes:
    """The same picture as each server takes it."""
    content = PICTURE.read_bytes()
    if kind == PNG:
        return content
    return json.dumps({"picture": base64.b64encode(content).decode()}).encode()


if __name__ == "__main__":
    main()
