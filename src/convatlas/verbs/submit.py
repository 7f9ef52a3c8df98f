"""The answers of a run to a contest's test pictures, as the file that it wants."""

import csv
import io
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from convatlas import data, machine
from convatlas.errors import DataError, UsageError
from convatlas.networks import find
from convatlas.progress import Progress, silent
from convatlas.readings import readings
from convatlas.runs import Run
from convatlas.runs.atomic import write
from convatlas.runs.calibration import temperature_of
from convatlas.verbs.evaluate import check_fits
from convatlas.verbs.street_run import StreetRun

COLUMNS = ("file_name", "file_code")


@dataclass(frozen=True)
class Submitted:
    """What was written.

    Attributes:
        out: the file.
        count: pictures.
        confidence: mean probability of the numbers.
        forced: pictures in which nothing was seen, and which got the likeliest number
            of one digit at least.
        cut_out: whether the run reads numbers that were cut out, and was shown whole
            pictures all the same.
    """

    out: Path
    count: int
    confidence: float
    forced: int
    cut_out: bool


def submit(
    run: Run | Path | str,
    out: Path | str,
    *,
    data_name: str = "mchar",
    data_dir: Path | None = None,
    device: str = "auto",
    progress: Progress = silent,
) -> Submitted:
    """Reads all test pictures of a contest and writes ``file_name,file_code``.

    The rows are in the order of the names. No number is left empty: an empty one is
    wrong for sure.

    Args:
        run: a run that reads numbers, or its path.
        out: the file to write; replaced in one step.
        data_name: the data set.
        data_dir: where data sets lie.
        device: see ``train``.
        progress: told how far decoding is.

    Raises:
        UsageError: a run that reads no numbers, or a file that cannot be written.
        DataError: pictures that are not there, or two of one name.
    """
    run, out = run if isinstance(run, Run) else Run(run), Path(out)
    if find(run.info.network["name"]).answers in ("class", "box"):
        raise UsageError(
            f"{run.path}: {run.info.network['name']} reads no house numbers; train one "
            "that does, e.g. street-resnet18"
        )
    if not out.parent.is_dir():
        raise UsageError(f"{out}: there is no folder {out.parent}")
    street = StreetRun.of(run, machine.choose_device(device))
    dataset = data.load(data_name, folder=data_dir, progress=progress)
    check_fits(run, dataset)
    part = dataset.test
    names = [PurePosixPath(file).name for file in part.files]
    if not names or len(set(names)) < len(names):
        raise DataError(
            f"{data_name}: its test pictures have no names of their own, by which a "
            "contest could tell them apart"
        )
    looks = street.whole(part.images)
    temperature = temperature_of(run) or 1.0
    seen = readings(street.task, looks, temperature=temperature)
    likeliest = readings(street.task, looks, temperature=temperature, rule="likeliest")
    pairs = zip(seen, likeliest, strict=True)
    chosen = [one if one.number else other for one, other in pairs]
    numbers = dict(zip(names, (one.number for one in chosen), strict=True))
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(sorted(numbers.items()))
    write(out, text.getvalue().encode())
    return Submitted(
        out=out,
        count=len(chosen),
        confidence=sum(one.confidence for one in chosen) / len(chosen),
        forced=sum(not one.number for one in seen),
        cut_out=run.info.recipe.view == "number",
    )
