"""Trainings over several seeds, and a page that grows by a row after each job."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from convatlas.preparation import Changes
from convatlas.runs import Run
from convatlas.verbs.train import train


def runs(
    network: str,
    data: str,
    recipe: str,
    *,
    seeds: int,
    data_dir: Path | None,
    changes: Changes = (),
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
            ).run


def seconds_of(run: Run) -> float:
    """Of its training steps."""
    return sum(record.seconds for record in run.history())


def write(out: Path, head: str, rows: Iterable[str]) -> None:
    """Writes the page anew after each row, so that nothing is lost."""
    out.parent.mkdir(parents=True, exist_ok=True)
    for row in rows:
        head += row
        out.write_text(head)
