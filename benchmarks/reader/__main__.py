"""Asks every reader in turn and writes the page, which grows with every answer."""

import argparse
import json
import os
import sys
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.own_process import ROOT, command_line, run_side
from benchmarks.reader.answers import Said
from benchmarks.reader.figures import figures
from benchmarks.reader.kept import Kept, load, of_bundle, save
from benchmarks.reader.page import OURS, VIEWS, Cell, page
from benchmarks.reader.pictures import Shown, chosen, cut_out, digest
from benchmarks.reader.plot import draw
from convatlas import machine
from convatlas.errors import ConvatlasError, ReaderError, UsageError
from convatlas.reading.bundle import load_bundle, shipped_bundle

# as the option has them, and in the table
PEERS = {
    "rapidocr": "RapidOCR, recognition only",
    "rapidocr-detector": "RapidOCR with its detector",
    "ddddocr": "ddddocr",
    "tesseract": "Tesseract",
}
SLOW = "rapidocr-detector"  # seconds a picture
PEERS_PYTHON = ROOT / ".venv-bench-reader" / "bin" / "python"


@dataclass(frozen=True)
class Side:
    """A reader to ask.

    Attributes:
        name: in the table.
        key: of its kept answers.
        command: module and arguments before the view and the list of pictures.
        bundle: of a reader of ours; a peer has none.
        limit: of its pictures; None for all.
    """

    name: str
    key: str
    command: tuple[str, ...]
    bundle: Path | None = None
    limit: int | None = None


def main() -> None:
    """Parses and compares."""
    try:
        compare(parsed())
    except ConvatlasError as error:
        print(f"benchmarks.reader: {error}", file=sys.stderr)
        raise SystemExit(2) from None


def parsed() -> argparse.Namespace:
    """The options."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.reader", description=__doc__
    )
    parser.add_argument(
        "--bundle",
        nargs="*",
        type=Path,
        help="readers of ours; the one of the package if the option is missing, none "
        "if it names none",
    )
    parser.add_argument(
        "--peers",
        nargs="+",
        choices=("none", "all", *PEERS),
        default=["all"],
        metavar="NAME",
        help=f"none, all or some of {', '.join(PEERS)}",
    )
    parser.add_argument(
        "--split",
        choices=("validation", "test"),
        default="validation",
        help="test: look once for each reader that is reported, never to choose one",
    )
    parser.add_argument("--limit", type=int, help="a quick look at so many pictures")
    parser.add_argument(
        "--slow-limit",
        type=int,
        default=200,
        help="pictures for RapidOCR with its detector, which takes seconds a picture",
    )
    parser.add_argument("--data-dir", type=Path, help="as for convatlas")
    parser.add_argument("--out", type=Path, default=Path("build/reader.md"))
    parser.add_argument(
        "--picture", type=Path, default=Path("build/reader-coverage.png")
    )
    parser.add_argument(
        "--cache", type=Path, help="folder of what was said; reader-answers beside OUT"
    )
    parser.add_argument(
        "--again", action="store_true", help="ask all, whatever is kept"
    )
    parser.add_argument(
        "--peers-python", type=Path, default=PEERS_PYTHON, help="has the peers"
    )
    return parser.parse_args()


def compare(arguments: argparse.Namespace) -> None:
    """Asks who has not been asked."""
    sides = asked_for(arguments)
    everything = chosen(arguments.split, arguments.data_dir, None)
    pictures = everything[: arguments.limit]
    cache = arguments.cache or arguments.out.parent / "reader-answers"
    rows: dict[str, dict[str, Cell]] = {}
    text = ""
    with tempfile.TemporaryDirectory() as folder:
        pictures = cut_out(pictures, Path(folder))
        for side in sides:
            shown = pictures[: side.limit]
            found = digest(shown)[:12]
            for view in VIEWS:
                path = cache / f"{side.key}-{view}-{found}.json"
                kept = None if arguments.again else load(path)
                cell = judged(kept, shown) if kept else None
                if cell is None:
                    cell = ask_side(side, view, shown, arguments.peers_python)
                    if cell.kept is not None:
                        save(path, cell.kept)
                rows.setdefault(side.name, {})[view] = cell
                print(f"{side.name}, {VIEWS[view]}: {in_short(cell)}", flush=True)
                text = page(
                    rows,
                    split=arguments.split,
                    count=len(pictures),
                    limited=len(pictures) < len(everything),
                    command=command_line("benchmarks.reader"),
                    picture=arguments.picture,
                    out=arguments.out,
                )
                arguments.out.parent.mkdir(parents=True, exist_ok=True)
                arguments.out.write_text(text, encoding="utf-8")
    draw(rows, arguments.picture)
    print(text)


def asked_for(arguments: argparse.Namespace) -> list[Side]:
    """The sides, ours first.

    Raises:
        ReaderError: no reader in a folder.
        UsageError: two folders of one name, or none where the package has none.
    """
    sides = []
    if arguments.bundle is None:
        try:
            folders = {OURS: shipped_bundle().folder}
        except ReaderError:
            raise UsageError(
                "this copy of convatlas comes without a reader: --bundle FOLDER names "
                "one, --bundle alone leaves ours out"
            ) from None
    else:
        folders = {
            f"{OURS}: {folder.name}": load_bundle(folder).folder.resolve()
            for folder in arguments.bundle
        }
        if len(folders) < len(arguments.bundle):
            raise UsageError("--bundle: two folders of one name, which the table needs")
    for name, folder in folders.items():
        command = ("benchmarks.reader.ours", str(folder))
        sides.append(Side(name, f"ours-{of_bundle(folder)[:12]}", command, folder))
    peers = () if "none" in arguments.peers else arguments.peers
    for peer, title in PEERS.items():
        if peer in peers or "all" in peers:
            limit = arguments.slow_limit if peer == SLOW else None
            command = ("benchmarks.reader.peers", peer)
            sides.append(Side(title, peer, command, limit=limit))
    return sides


def ask_side(side: Side, view: str, shown: list[Shown], peers_python: Path) -> Cell:
    """Starts a process for the side and judges what it says."""
    if side.bundle is None and not peers_python.exists():
        return Cell(fault="the peers are not installed: make .venv-bench-reader/ready")
    began = os.getloadavg()[0]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as listed:
        json.dump([str(one.file(view).resolve()) for one in shown], listed)
        listed.flush()
        module, *rest = side.command
        finished = run_side(
            module,
            [*rest, *([view] if side.bundle else []), listed.name],
            threads=1,
            python=sys.executable if side.bundle else str(peers_python),
        )
    if finished.fault:
        return Cell(fault=finished.fault)
    kept = Kept(
        said=Said.from_json(finished.said),
        processor=machine.processor(),
        load=began,
        date=str(datetime.now(UTC).date()),
    )
    return judged(kept, shown)


def judged(kept: Kept, shown: list[Shown]) -> Cell:
    """With figures."""
    numbers = [one.item.number for one in shown]
    heights = [one.height for one in shown]
    return Cell(kept, figures(kept.said.answers, numbers, heights))


def in_short(cell: Cell) -> str:
    """A line for the terminal."""
    if cell.figures is None:
        return cell.fault
    share = cell.figures.all
    return (
        f"{share.correct:,} of {share.count:,} right, "
        f"{cell.figures.milliseconds:.1f} ms"
    )


if __name__ == "__main__":
    main()
