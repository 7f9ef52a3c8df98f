"""Runs the sides in turn, each in a process of its own, and writes the page."""

import argparse
import json
import os
import tempfile
from collections import defaultdict
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

from benchmarks.own_process import command_line, conditions, peak_megabytes, run_side
from benchmarks.peers.page import page
from benchmarks.peers.rows import Row, row
from benchmarks.peers.task import TASKS
from benchmarks.unpacking import unpack

# name in the table: module and function
SIDES = {
    "convatlas": ("ours", "run"),
    "convatlas, precision auto": ("ours", "automatic"),
    "the tutorial's loop": ("tutorial", "run"),
    "timm": ("timm_side", "run"),
    "Lightning": ("lightning_side", "run"),
    "Keras": ("keras_side", "run"),
    "fastai": ("fastai_side", "run"),
    "d2l": ("d2l_side", "run"),
}


def main() -> None:
    """Parses, and is either one side or all of them."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.peers", description=__doc__
    )
    parser.add_argument("--data-dir", type=Path, help="as for convatlas")
    parser.add_argument("--out", type=Path, help="page to write, .md")
    parser.add_argument("--picture", type=Path, help="plot to write, .svg or .png")
    parser.add_argument("--quick", action="store_true", help="few pictures, once")
    parser.add_argument("--rounds", type=int, help="repeats of every side; 3")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--task", nargs="+", choices=TASKS, default=list(TASKS))
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=list(SIDES))
    parser.add_argument("--only", choices=SIDES, help="for its own use: be this side")
    arguments = parser.parse_args()
    if arguments.only:
        be_one_side(arguments)
    else:
        compare(arguments)


def be_one_side(arguments: argparse.Namespace) -> None:
    """Trains here and now; the outcome is the last line of the output."""
    task = TASKS[arguments.task[0]]
    module, function = SIDES[arguments.only]
    train = getattr(import_module(f"benchmarks.peers.{module}"), function)
    outcome = train(task.quick() if arguments.quick else task, arguments.data_dir)
    print(json.dumps({**asdict(outcome), "megabytes": peak_megabytes()}))


def compare(arguments: argparse.Namespace) -> None:
    """Runs all sides in turn, round after round; the page grows with every round."""
    # not at the top: imports torch, before which our side sets how its threads wait
    from convatlas.data.location import data_folder

    data_dir = data_folder(arguments.data_dir)
    load = os.getloadavg()[0]
    rounds = arguments.rounds or (1 if arguments.quick else 3)
    rows: dict[str, dict[str, list[Row]]] = {
        name: defaultdict(list) for name in arguments.task
    }
    for name in arguments.task:
        task = TASKS[name].quick() if arguments.quick else TASKS[name]
        with tempfile.TemporaryDirectory() as root:
            unpack(data_dir, task.pictures.folder, Path(root), task.counts)
            for turn in range(rounds):
                for side in turned(arguments.sides, turn):
                    finished = run_side(
                        "benchmarks.peers",
                        [
                            *("--data-dir", root, "--task", name, "--only", side),
                            *(["--quick"] if arguments.quick else []),
                        ],
                        arguments.threads,
                    )
                    done = row(finished, task)
                    rows[name][side].append(done)
                    print(f"{name}, round {turn + 1}, {side}: {done}", flush=True)
                text = page(
                    rows,
                    quick=arguments.quick,
                    conditions=conditions(arguments.threads, load),
                    command=command_line("benchmarks.peers"),
                    picture=arguments.picture,
                    out=arguments.out,
                )
    print(text)


def turned(sides: list[str], by: int) -> list[str]:
    """Another side begins in every round."""
    by %= len(sides)
    return sides[by:] + sides[:by]


if __name__ == "__main__":
    main()
