"""``calibration.json``: how a run's confidences become honest."""

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from convatlas.errors import RunError
from convatlas.runs.atomic import write_json
from convatlas.runs.files import WEIGHTS

if TYPE_CHECKING:  # a temperature is read without torch
    from convatlas.runs.run import Run

NAME = "calibration.json"


def save_calibration(run: "Run", temperature: float, figures: dict[str, Any]) -> Path:
    """Writes the temperature of the run's present weights.

    Args:
        run: with trained weights.
        temperature: that its answers are divided by.
        figures: what it was worth, and on which pictures.
    """
    path = run.path / NAME
    content = {"temperature": temperature, "weights": _digest(run.path), **figures}
    write_json(path, content)
    return path


def temperature_of(run: "Run") -> float | None:
    """``temperature_in`` the run's directory."""
    return temperature_in(run.path)


def temperature_in(folder: Path) -> float | None:
    """What a run's answers are divided by before they become probabilities.

    None where the run was not calibrated, or was trained on since.

    Raises:
        RunError: the file is damaged.
    """
    path = folder / NAME
    if not path.is_file():
        return None
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        temperature = float(content["temperature"])
        weights = content["weights"]
    except (ValueError, KeyError, TypeError) as error:
        raise RunError(f"{path}: is damaged ({error!r})") from None
    if not temperature > 0:
        raise RunError(f"{path}: is damaged (temperature {temperature})")
    return temperature if weights == _digest(folder) else None


def _digest(folder: Path) -> str:
    with (folder / WEIGHTS).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
