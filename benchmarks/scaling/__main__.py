"""Measures one process and two, in turn, and writes the page with the paper model."""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

from benchmarks.own_process import ROOT, command_line, conditions
from benchmarks.scaling.page import Round, page

# name: processes and threads of each
WAYS = {"one, two threads": (1, 2), "one": (1, 1), "two": (2, 1)}


def main() -> None:
    """Parses, measures, writes."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.scaling", description=__doc__
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument(
        "--seconds", type=float, default=1.5, help="of each network in each process"
    )
    parser.add_argument("--out", type=Path, help="page to write, .md")
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    rounds = []
    for number in range(arguments.rounds):
        found: Round = {way: measured(way, arguments.seconds) for way in WAYS}
        rounds.append(found)
        print(f"round {number + 1} of {arguments.rounds}", file=sys.stderr, flush=True)
    text = page(
        rounds,
        conditions=conditions(2, load),
        command=command_line("benchmarks.scaling"),
    )
    print(text)
    if arguments.out:
        arguments.out.parent.mkdir(parents=True, exist_ok=True)
        arguments.out.write_text(text)


def measured(way: str, seconds: float) -> dict:
    """What the processes of one way say."""
    processes, threads = WAYS[way]
    command = [sys.executable, "-m"]
    if processes > 1:
        command += ["torch.distributed.run", "--standalone"]
        command += [f"--nproc-per-node={processes}", "-m"]
    done = subprocess.run(
        [*command, "benchmarks.scaling.side", "--seconds", str(seconds)],
        cwd=ROOT,
        env={
            **os.environ,
            "OMP_NUM_THREADS": str(threads),
            "CUDA_VISIBLE_DEVICES": "",
        },
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    said: dict = json.loads(done.stdout.splitlines()[-1])
    return said


if __name__ == "__main__":
    main()
