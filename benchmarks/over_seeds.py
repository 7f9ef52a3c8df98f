"""Trainings over several seeds, and a page that grows by a row after each job."""

import argparse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from convatlas.preparation import Changes
from convatlas.runs import Run
from convatlas.verbs.train import train


def parser(
    doc: str | None,
    jobs: str,
    default: Sequence[str],
    *,
    data: str | None = None,
    seeds: int,
) -> argparse.ArgumentParser:
    """What such a benchmark is asked on the command line.

    Args:
        doc: of the module; its first line says what is measured.
        jobs: what the positional arguments are called.
        default: for those.
        data: the data set, unless another one is named; None where jobs name theirs.
        seeds: how many, unless told.
    """
    made = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    made.add_argument(jobs, nargs="*", default=default)
    if data is not None:
        made.add_argument("--data", default=data)
    made.add_argument("--data-dir", type=Path)
    made.add_argument("--seeds", type=int, default=seeds)
    made.add_argument("--out", type=Path, required=True)
    return made


def runs(
    network: str,
    data: str,
    recipe: str,
    *,
    seeds: int,
    data_dir: Path | None,
    changes: Changes = (),
    input_size: tuple[int, int] | None = None,
) -> Iterator[Run]:
    """Trains from seed 0 on; a run is gone when the next one is asked for."""
    for seed in range(seeds):
        with TemporaryDirectory() as folder:
            yield train(
                network,
                data,
                recipe=recipe,
                changes=changes,
                seed=seed,
                out=Path(folder) / "run",
                data_dir=data_dir,
                input_size=input_size,
            ).run


def in_words(seeds: int) -> str:
    """Which seeds ``runs`` trains."""
    return "one seed (0)" if seeds == 1 else f"{seeds} seeds (0 to {seeds - 1})"


def seconds_of(run: Run) -> float:
    """Of its training steps."""
    return sum(record.seconds for record in run.history())


def write(out: Path, head: str, rows: Iterable[str]) -> None:
    """Writes the page anew after each row, so that nothing is lost."""
    out.parent.mkdir(parents=True, exist_ok=True)
    for row in rows:
        head += row
        out.write_text(head)
