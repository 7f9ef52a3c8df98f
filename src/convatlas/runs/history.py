"""``history.csv``: a row an epoch."""

import csv
import io
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

from convatlas.errors import RunError
from convatlas.runs.atomic import write
from convatlas.runs.info import cannot_be_read
from convatlas.training.records import EpochRecord


def write_history(path: Path, records: Sequence[EpochRecord]) -> None:
    """Replaces the file."""
    text = io.StringIO()
    names = [f.name for f in fields(EpochRecord)]
    writer = csv.DictWriter(text, names, lineterminator="\n")
    writer.writeheader()
    writer.writerows(asdict(record) for record in records)
    write(path, text.getvalue().encode())


def read_history(path: Path) -> list[EpochRecord]:
    """Its rows; none if there is no such file.

    Raises:
        RunError: it is damaged, or cannot be read.
    """
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return [_record(row) for row in csv.DictReader(file)]
    except OSError as error:
        raise cannot_be_read(path, error) from None
    except (ValueError, KeyError, TypeError) as error:
        raise RunError(f"{path}: is damaged ({error!r})") from None


def _record(row: dict[str, str]) -> EpochRecord:
    def number(name: str) -> float | None:
        return float(row[name]) if row[name] else None

    return EpochRecord(
        epoch=int(row["epoch"]),
        train_loss=float(row["train_loss"]),
        train_accuracy=float(row["train_accuracy"]),
        validation_loss=number("validation_loss"),
        validation_accuracy=number("validation_accuracy"),
        lr=float(row["lr"]),
        seconds=float(row["seconds"]),
        images_per_second=float(row["images_per_second"]),
        best=row["best"] == "True",
    )
