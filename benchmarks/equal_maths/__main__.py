"""Runs the sides in turn, each in a process of its own, and writes the page."""

import argparse
import json
import os
import tempfile
from pathlib import Path
from typing import get_args

from benchmarks.equal_maths.cases import CASES, Case, Precision
from benchmarks.equal_maths.page import Repeat, page
from benchmarks.own_process import command_line, conditions, run_side
from benchmarks.unpacking import unpack

SIDES = ("tutorial", *get_args(Precision))
NATIVE = "native-bf16"  # asks a process of its own, so that this one stays small


def main() -> None:
    """Parses, and is either one side or all of them."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.equal_maths", description=__doc__
    )
    parser.add_argument("--data-dir", type=Path, help="as for convatlas")
    parser.add_argument("--out", type=Path, help="page to write, .md")
    parser.add_argument(
        "--networks", nargs="+", choices=CASES, default=list(CASES), metavar="NETWORK"
    )
    parser.add_argument("--repeats", type=int, help="of every side; 5, heavy ones 3")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--tiny", action="store_true", help="two steps, once")
    parser.add_argument("--only", choices=[*SIDES, NATIVE], help="for its own use")
    arguments = parser.parse_args()
    if arguments.only:
        print(json.dumps({"value": one_side(arguments)}))
    else:
        compare(arguments)


def one_side(arguments: argparse.Namespace) -> float | bool:
    """Images per second of a side, here and now."""
    if arguments.only == NATIVE:
        import torch

        from convatlas.training.precision import bf16_is_native

        return bf16_is_native(torch.device("cpu"))
    case = chosen(arguments.networks[0], arguments)
    if arguments.only == "tutorial":
        from benchmarks.equal_maths import tutorial

        return tutorial.images_per_second(case, arguments.data_dir)
    from benchmarks.equal_maths import ours

    return ours.images_per_second(case, arguments.data_dir, arguments.only)


def compare(arguments: argparse.Namespace) -> None:
    """Runs all sides in turn; the page grows with every repeat."""
    # not at the top: imports torch, before which our side sets how its threads wait
    from convatlas.data.location import data_folder

    data_dir = data_folder(arguments.data_dir)
    load = os.getloadavg()[0]
    rows: list[tuple[Case, list[Repeat]]] = []
    text = ""
    with tempfile.TemporaryDirectory() as unpacked:

        def ask(side: str, case: Case) -> float:
            folder = Path(unpacked) if case.pictures.folder else data_dir
            return _asked(side, case, folder, arguments)

        native = bool(_asked(NATIVE, CASES["lenet5-tanh"], Path(), arguments))
        sides = [side for side in SIDES if native or side != "bf16"]
        for name in arguments.networks:
            case = chosen(name, arguments)
            if case.pictures.folder:
                unpack(data_dir, case.pictures.folder, Path(unpacked))
            repeats: list[Repeat] = []
            rows.append((case, repeats))
            for _ in range(arguments.repeats or case.repeats):
                repeats.append({side: ask(side, case) for side in sides})
                print(name, {k: round(v) for k, v in repeats[-1].items()}, flush=True)
                text = page(
                    rows,
                    conditions=conditions(arguments.threads, load),
                    command=command_line("benchmarks.equal_maths"),
                    native_bf16=native,
                )
                if arguments.out:
                    arguments.out.parent.mkdir(parents=True, exist_ok=True)
                    arguments.out.write_text(text)
    print(text)


def chosen(network: str, arguments: argparse.Namespace) -> Case:
    """The case, as long as was asked for."""
    case = CASES[network]
    return case.tiny() if arguments.tiny else case


def _asked(
    side: str, case: Case, data_dir: Path, arguments: argparse.Namespace
) -> float:
    finished = run_side(
        "benchmarks.equal_maths",
        [
            *("--only", side, "--networks", case.network),
            *("--data-dir", str(data_dir.resolve())),
            *(["--tiny"] if arguments.tiny else []),
        ],
        arguments.threads,
    )
    if finished.fault:
        raise SystemExit(f"{case.network}, {side}: {finished.fault}")
    return float(finished.said["value"])


if __name__ == "__main__":
    main()
